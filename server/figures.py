"""What the engine counts, for Prometheus: calls by how they ended, waits, legs, packets."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from calls.events import Answered, Arrived, Ended, Fact, LegFigures, OfferFailed, Queued
from calls.reasons import Reason, blame
from calls.survey_events import OURS
from media.commands import WorkerFigures

WAITS = (1, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600)  # seconds; 15 is the standard's limit


class EngineFigures:
    """Reads facts as they happen; holds no figure that the facts do not give."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._arrived = self._counter("hotline_calls_arrived", "Calls that arrived")
        self._ended = Counter(
            "hotline_calls_ended",
            "Calls that ended, by reason and blame",
            ["reason", "blame"],
            registry=self.registry,
        )
        self._answered = self._counter("hotline_calls_answered", "Calls an agent answered")
        self._failed = Counter(
            "hotline_offers_failed", "Offers that no agent took", ["why"], registry=self.registry
        )
        self.mended = Counter(
            "hotline_agents_mended",
            "Agents whose state was not what their phones said, and was put right",
            ["why"],
            registry=self.registry,
        )
        self._waits = Histogram(
            "hotline_wait_seconds",
            "From joining a lane to an agent's answer",
            buckets=WAITS,
            registry=self.registry,
        )
        self._lost = self._counter("hotline_rtp_packets_lost", "RTP packets lost on their way in")
        self._late = self._gauge("hotline_rtp_late_p99_ms", "Lateness of sent RTP, 99th percentile")
        self._worker_cpu = self._gauge("hotline_media_cpu_seconds", "CPU time of the media worker")
        self._legs = self._gauge("hotline_media_legs", "Legs at the media worker")
        self.up = self._gauge("hotline_calls_up", "Calls that are up")
        self.behind = self._gauge("hotline_facts_behind", "Facts that wait for the database")
        self._since: dict[str, float] = {}
        self._reasons: dict[Reason, Counter] = {}

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(name, text, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def fact(self, fact: Fact) -> None:
        """Count what happened."""
        match fact:
            case Arrived(dialled=dialled) if dialled not in OURS:
                self._arrived.inc()
            case Queued(call=call, at=at):
                self._since.setdefault(call, at)
            case Answered(call=call, at=at):
                self._answered.inc()
                self._waits.observe(at - self._since.get(call, at))
            case OfferFailed(why=why):
                self._failed.labels(why).inc()
            case LegFigures(lost=lost):
                self._lost.inc(lost)
            case Ended(call=call, reason=reason):
                self._since.pop(call, None)
                self._ended_for(reason).inc()

    def _ended_for(self, reason: Reason) -> Counter:
        """Return the counter of a reason; the library looks its labels up anew each time."""
        counter = self._reasons.get(reason)
        if counter is None:
            counter = self._ended.labels(reason.value, blame(reason).value)
            self._reasons[reason] = counter
        return counter

    def worker(self, figures: WorkerFigures) -> None:
        """Take the media worker's own figures."""
        self._late.set(figures.late_p99_ms)
        self._worker_cpu.set(figures.cpu_seconds)
        self._legs.set(figures.legs)
