"""Numbers of people inside free words."""

from __future__ import annotations

import pytest

from onegrid.foundation.kernel.masking import mask_cut_numbers, mask_numbers


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("请打 13812345678 找我", "请打 138****5678 找我"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678。", "138****5678。"),
        ("+8613812345678", "+86138****5678"),
        ("电话+86 138-1234-5678", "电话+86 138****5678"),
        ("008613812345678。", "0086138****5678。"),
        ("单位电话0591-22334455", "单位电话059*****4455"),
        ("身份证11010119900101775X", "身份证1101**********775X"),
        ("12 号楼 3 单元 402", "12 号楼 3 单元 402"),
        ("编号 20261121-00012", "编号 20261121-00012"),
        ("订单 1381234567890123", "订单 1381234567890123"),
        ("", ""),
    ],
)
def test_phones_and_identity_numbers_are_masked_and_nothing_else(words: str, shown: str) -> None:
    assert mask_numbers(words) == shown


def test_a_number_cut_off_at_the_end_is_starred_whole() -> None:
    assert mask_cut_numbers("请尽快联系 1381234…") == "请尽快联系 *******…"
    assert mask_cut_numbers("请尽快联系 0591-223…") == "请尽快联系 ****-***…"
    assert mask_cut_numbers("3 号楼 402") == "3 号楼 402"
