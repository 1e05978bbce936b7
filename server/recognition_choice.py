"""Which recognises a language: the farm where there is one that accepts, else this machine."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twisted.logger import Logger

from asr.frames import Header
from calls.ids import Language
from server.farm_line import Ears, connect
from server.recognition_farm import LOOK, FarmLink
from server.recognition_link import RecognitionLink
from server.recognition_values import Link

log = Logger()


class FarmFirst:
    """Makes links: to the farm, and while it does not accept to a worker of this machine.

    While a worker stands in, the farm is knocked at; once it accepts the worker is marked as
    outdated, and is replaced when nobody speaks. Without a model on this machine there is
    only the farm.
    """

    def __init__(
        self,
        farm: Mapping[Language, Sequence[str]],
        *,
        local: Callable[..., Link] = RecognitionLink,
    ) -> None:
        self._farm = farm
        self._local = local
        self._down: set[Language] = set()
        """Languages whose farm was not there when it was last wanted."""

    def __call__(
        self,
        reactor: Any,
        settings: dict[str, Any],
        on_frame: Callable[[Header], None],
        on_gone: Callable[[str], None],
    ) -> Link:
        """Make a link for the language that `settings` names; raise OSError as a worker does."""
        language: Language = settings["language"]
        urls = self._farm.get(language, ())
        if urls and not (settings["model"] and language in self._down):

            def gone(why: str) -> None:
                self._down.add(language)
                on_gone(why)

            return FarmLink(reactor, settings, on_frame, gone, urls=urls)
        link = self._local(reactor, settings, on_frame, on_gone)
        if urls:
            log.warn("the farm of {language} is gone: recognised here", language=language)
            self._wait_for_farm(reactor, language, urls, link)
        return link

    def _wait_for_farm(
        self, reactor: Any, language: Language, urls: Sequence[str], link: Link
    ) -> None:
        """Knock at all hosts, again and again, until one accepts."""

        def knock() -> None:
            for url in urls:
                line = connect(reactor, url, Ears(accepted, lambda _: None, lambda _: None))
                reactor.callLater(LOOK / 2, line.leave, "it was a knock")
            if language in self._down:
                reactor.callLater(LOOK, knock)

        def accepted() -> None:
            self._down.discard(language)
            link.outdated = True

        reactor.callLater(LOOK, knock)
