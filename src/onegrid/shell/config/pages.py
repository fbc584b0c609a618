"""The pages: three built faces for every locality, and the doors that lead to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onegrid.foundation.database import localities
from onegrid.foundation.kernel.texts import LANGS, Lang, catalogue
from onegrid.shell.config import problems
from onegrid.shell.config.middleware import FACES

NO_CACHE: Final = "no-cache"


@require_safe
def face(request: HttpRequest, name: str, path: str = "") -> HttpResponse | FileResponse:
    """Any address inside a face: its index.html, from which the browser goes on. A missing file stays missing."""
    folder = Path(settings.ONEGRID_PAGES) / name
    if "." in path.rpartition("/")[2]:
        return _own_file(folder, path)
    index = folder / "index.html"
    if not index.is_file():
        response = render(request, "onegrid/unbuilt.html", common(request), status=503)
        response["Cache-Control"] = "no-store"
        return response
    response = HttpResponse(index.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = NO_CACHE
    return response


def _own_file(folder: Path, path: str) -> FileResponse:
    """A service worker or manifest: served under the locality's own path, because its scope hangs on that path."""
    if path not in {"sw.js", "manifest.webmanifest", "favicon.svg", "favicon.ico"}:
        raise Http404
    found = folder / path
    if not found.is_file():
        raise Http404
    kind = {"js": "text/javascript", "webmanifest": "application/manifest+json", "svg": "image/svg+xml"}
    response = FileResponse(found.open("rb"), content_type=kind.get(path.rpartition(".")[2], "image/x-icon"))
    response["Cache-Control"] = NO_CACHE
    return response


@require_safe
def doors(request: HttpRequest) -> HttpResponse:
    """A locality's three doors; without a locality, the list of those this server carries."""
    around: Any = request
    context: dict[str, Any] = {**common(request), "faces": FACES}
    if around.locality is None:
        context["localities"] = localities.all_localities()
        if not context["localities"]:
            raise Http404
        return render(request, "onegrid/localities.html", context)
    context["locality"] = around.locality
    context["several"] = len(localities.all_localities()) > 1
    return render(request, "onegrid/doors.html", context)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: a page for people, our error shape for programs."""
    if request.path_info.startswith(("/api/", "/open311/")) or "text/html" not in request.headers.get("Accept", ""):
        return problems.respond(request, Http404())
    return render(request, "onegrid/missing.html", common(request), status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500 outside the API."""
    return problems.respond(request, RuntimeError("unhandled"))


def common(request: HttpRequest) -> dict[str, Any]:
    """What every page of the doors' kind shows: language and the words of the frame."""
    lang = language(request)
    return {"words": words_of("doors", lang), "lang": lang}


def language(request: HttpRequest) -> Lang:
    """A choice in the address (`?lang=en`) wins over the browser's."""
    chosen = request.GET.get("lang", "")
    wanted = chosen if chosen in LANGS else getattr(request, "lang", LANGS[0])
    return "en" if wanted == "en" else "zh-CN"


def words_of(section: str, lang: Lang) -> dict[str, str]:
    """The messages of one locale file by their own key."""
    prefix = f"{section}."
    return {key.removeprefix(prefix): words for key, words in catalogue(lang).items() if key.startswith(prefix)}
