"""What people say: reports, answers, verdicts. Put together from the catalogue's own words and a few turns of phrase.

The synthetic county speaks Chinese like the people in it; these are data of the demonstration, not
texts of the interface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onegrid.county.matters.selectors import MatterInfo
from onegrid.shell.demo.names import pick

_SPOTS = ("门口", "旁边", "楼下", "对面", "路口", "后面", "附近", "东侧", "转角处", "前面的路上")
_SINCE = ("今天早上", "昨天晚上", "这两天", "上周开始", "今天下午", "连着好几天", "刚才路过时", "中午", "一早起来")
_SEEN = ("发现", "看到", "注意到", "遇到", "又见到")
_TROUBLE = (
    "老人小孩经过很不安全",
    "影响大家出行",
    "晚上看不清容易出事",
    "邻居们都有意见",
    "味道很大，窗户不敢开",
    "已经有人差点摔倒",
    "下雨以后更严重",
    "之前处理过一次，又出现了",
    "吵得没法休息",
    "看着很不雅观",
    "存在安全隐患",
)
_ASK = (
    "请尽快处理。",
    "麻烦派人来看看。",
    "希望能尽快解决，谢谢。",
    "请有关部门管一管。",
    "请帮忙协调一下。",
    "望答复。",
)
_PATROL = (
    "巡查至{place}{spot}，发现{what}，请派遣处置。",
    "{since}日常巡查，{place}{spot}存在{what}。",
    "网格巡查发现{place}{spot}{what}，已拍照上报。",
)
_SNAP = (
    "{place}{spot}{what}，{trouble}，{ask}",
    "{since}{seen}{place}{spot}{what}，{ask}",
    "我住{place}，{spot}{what}，{trouble}。{ask}",
    "{place}这边{what}，{since}就这样了，{ask}",
)
_DISPUTE = (
    "{place}两户邻居因{what}争执不下，{since}又吵了起来，请调解员上门调解。",
    "{place}有{what}，双方各说各的理，怕闹大，{ask}",
    "{since}{place}居民反映{what}，希望村（社区）出面调解。",
)
_PETITION = (
    "来访群众反映：{what}，一直没有满意的答复，{ask}",
    "{place}居民反映{what}，请代办员帮助跟进。",
    "群众来信反映{what}，{ask}",
)
_SERVICE = (
    "{place}住户想办理{name}，{what}，{ask}",
    "家住{place}的老人行动不便，需要帮办{name}。",
    "咨询并申请{name}：{what}。{ask}",
)
_DONE = (
    "已到现场处理完毕，{name}问题已解决，并向反映人说明情况。",
    "现场核实属实，已组织人员处置到位，恢复正常。",
    "已联系责任单位整改完成，现场复查符合要求。",
    "当天安排人员处理完毕，后续加强巡查。",
    "处理完成，已拍照留存，请核查。",
)
_MEDIATED = (
    "双方经调解达成一致并签订协议，表示今后互谅互让。",
    "上门调解两次，双方握手言和，约定一周后回访。",
    "邀请律师和民警一同调解，已签订调解协议书。",
)
_REPLIED = (
    "已电话答复并说明政策，反映人表示理解。",
    "已按政策办理，材料已收齐，告知了办结时间。",
    "代办员已上门收取材料并办结，结果已送达。",
)
_SPOT_DONE = (
    "发现后当场清理完毕。",
    "已现场劝导整改，当事人配合。",
    "当场协调处理，已恢复原状。",
    "就地调处，双方已和解。",
)
_VERIFIED = ("现场核查，问题已解决。", "已核查，处理到位。", "与反映人核对，情况属实，已处理。")
_FAILED = ("现场核查，仍有部分未处理到位，请继续处置。", "照片与现场不符，问题依旧存在。")
_PRAISE = ("处理很快，谢谢！", "态度好，效率高。", "满意。", "", "", "问题解决了，点赞。", "当天就来人了，很及时。")
_MILD = ("还可以，就是时间长了点。", "基本解决了。", "希望以后能更快一些。")
_BLAME = ("没有彻底解决。", "来看了一眼就走了。", "拖了太久。")


@dataclass(frozen=True)
class Speech:
    """The words of one case for its reporter, handler and judge."""

    rng: np.random.Generator

    def report(self, matter: MatterInfo, place: str, channel: str) -> str:
        """What the reporter says about a matter at a place."""
        kinds = {"dispute": _DISPUTE, "petition": _PETITION, "service": _SERVICE}
        staff = channel in {"patrol", "visit"}
        form = pick(self.rng, kinds.get(matter.kind, _PATROL if staff else _SNAP))
        return (
            form.format(
                place=place,
                name=matter.name_zh,
                what=self._what(matter),
                spot=pick(self.rng, _SPOTS),
                since=pick(self.rng, _SINCE),
                seen=pick(self.rng, _SEEN),
                trouble=pick(self.rng, _TROUBLE),
                ask=pick(self.rng, _ASK),
            )
            .replace("，。", "。")
            .replace("。。", "。")
        )

    def _what(self, matter: MatterInfo) -> str:
        """The thing itself: an everyday word for it, its name, or the catalogue's condition."""
        said = [matter.name_zh, *matter.words]
        said += [condition.text_zh for condition in matter.conditions if 4 <= len(condition.text_zh) <= 26]
        return pick(self.rng, said).rstrip("。")

    def handled(self, matter: MatterInfo) -> str:
        """The handler's answer."""
        forms = {"dispute": _MEDIATED, "petition": _REPLIED, "service": _REPLIED}.get(matter.kind, _DONE)
        return pick(self.rng, forms).format(name=matter.name_zh)

    def on_the_spot(self) -> str:
        """What a worker did there and then."""
        return pick(self.rng, _SPOT_DONE)

    def verified(self, *, passed: bool) -> str:
        """The verifier's finding."""
        return pick(self.rng, _VERIFIED if passed else _FAILED)

    def verdict(self, stars: int) -> str:
        """What goes with so many stars."""
        return pick(self.rng, _PRAISE if stars >= 5 else _MILD if stars >= 3 else _BLAME)

    def one_of(self, *words: str) -> str:
        """One of the given sentences."""
        return pick(self.rng, words)
