"""All that listens to calls: recognisers, a farm of them, and the check of the language."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from asr.language_fit import Judged
from asr.recogniser import Heard
from calls.ids import Language
from config.settings import Site
from server import models
from server.engine import Ears, Engine
from server.language_check import OFF, CheckSettings, LanguageCheck
from server.late_words import SUFFIX, LateWords
from server.listening import Listening, Outcome, load_words
from server.listening import Settings as ListeningSettings
from server.recognition_link import RecognitionLink
from server.recognition_values import Link
from server.repeating import Repeating

MODELS_EVERY = 10.0
"""Seconds between two looks for models that were put in place meanwhile."""


class Recognition:
    """All recognisers, for live calls and for late words; routes what they say to either."""

    def __init__(self, reactor: Any, site: Site, data: Path, engine: Engine) -> None:
        settings = ListeningSettings(
            backlog=site.recognition.backlog,
            hang_after=site.recognition.no_answer_after,
            growth=site.recognition.recycle_above << 20,
            lessons=site.folder.resolve() / "prompts",
        )
        self._wanted = site.recognition.languages
        self._data = data
        self._engine = engine
        self.late: LateWords
        self._farm = site.recognition.farm
        link = _links(self._farm)
        self.listening = Listening(reactor, {}, settings, self._heard, self._closed, link=link)
        self.listening.on_late = engine.stream_late
        self._looking = Repeating(self.look_for_models, MODELS_EVERY)
        self._reactor = reactor
        self.check = self._language_check(site)

    def _language_check(self, site: Site) -> LanguageCheck | None:
        """Make the check of the language, if a model for it is named."""
        name, languages = site.recognition.language_model, site.recognition.languages
        if name is None or not languages:
            return None
        settings = CheckSettings(models.named(name, self._data), usual=languages[0])
        return LanguageCheck(self._reactor, self.listening, settings, self._told)

    @property
    def ears(self) -> Ears:
        """What the engine's calls are heard by."""
        return self.check or self.listening

    def start(self) -> None:
        """Begin: after telephones are answered, for a model takes a core for seconds to load."""
        self._looking.start(self._reactor, now=True)
        if self.check is not None:
            self.check.start()

    def look_for_models(self) -> None:
        """Begin with every language that has a farm, or whose model came since the last look."""
        found = models.usable(models.find(models.places(self._data)))
        for language in self._wanted:
            path = found.get(language)
            known = self.listening.state(language) != "missing"
            if known and path is not None:
                self.listening.give_model(language, path)
            elif not known and (path is not None or language in self._farm):
                self.listening.add(language, path)

    def ready(self, language: Language) -> bool:
        """Tell whether a recording in this language can be transcribed now."""
        return self.listening.state(language) == "ready"

    def transcribe(self, job: str, wav: Path, channel: int, language: Language) -> None:
        """Have one channel of a recording transcribed."""
        self.listening.transcribe(job, wav, channel, language)

    def health(self, language: Language) -> dict[str, object]:
        """Say how a language's recognition is, for people and programs."""
        zh, en = self.listening.words(language)
        figures = self.listening.figures().get(language)
        now = load_words(figures) if figures else {}
        return {"state": self.listening.state(language), "zh": zh, "en": en, **now}

    def check_health(self) -> dict[str, object]:
        """Say how the check of the language is."""
        return OFF if self.check is None else self.check.health()

    def stop(self) -> None:
        """End the recognisers."""
        self._looking.stop()
        if self.check is not None:
            self.check.stop()
        self.listening.stop()

    def _heard(self, stream: str, words: Heard) -> None:
        taker = self.late if stream.endswith(SUFFIX) else self._engine
        taker.heard(stream, words)

    def _told(self, stream: str, judged: Judged, seconds: float) -> None:
        self._engine.language_judged(stream, judged, seconds)

    def _closed(self, stream: str, outcome: Outcome) -> None:
        if stream.endswith(SUFFIX):
            self.late.closed(stream, outcome.complete, outcome.why)
        else:
            self._engine.stream_closed(stream, outcome.complete, outcome.why)


def _links(farm: Mapping[Language, Sequence[str]]) -> Callable[..., Link]:
    """Return what makes links to recognisers: processes here, and hosts where there is a farm."""
    if not farm:
        return RecognitionLink
    from server.recognition_choice import FarmFirst  # noqa: PLC0415  its protocol is for farms only

    return FarmFirst(farm)
