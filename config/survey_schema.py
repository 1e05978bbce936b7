"""Asking citizens afterwards how it went (回访)."""

from typing import Annotated

from pydantic import Field, model_validator

from config.values import Days, FlowName, HoursName, Settings, between, fault


class Surveys(Settings):
    """Calls by machine to some of yesterday's callers; none without a flow."""

    flow: FlowName | None = None
    """What is asked, with `rate` and `opt_out`; empty: nobody is called."""
    hours: HoursName | None = None
    """In hours.yaml: within which citizens are called. Needed with a flow."""
    share: Annotated[int, Field(ge=1, le=100)] = 5
    """Of a hundred callers whom an agent talked with the day before."""
    most: Annotated[int, Field(ge=1, le=10000)] = 100
    """Citizens drawn on one day, whatever the share."""
    not_again: Days = 30
    """In which one number is drawn once."""
    attempts: Annotated[int, Field(ge=1, le=5)] = 2
    retry_after: Annotated[float, between("10min", "1d")] = 10800.0
    ring: Annotated[float, between("10s", "1min")] = 25.0
    at_once: Annotated[int, Field(ge=1, le=100)] = 2
    """Calls of this kind that are up at once."""
    reserve: Annotated[int, Field(ge=0, le=5000)] = 20
    """Of `limits.max_calls`, that are kept free of them."""

    @model_validator(mode="after")
    def _window(self) -> "Surveys":
        if self.flow is not None and self.hours is None:
            raise fault(
                "写了 flow 就要写 hours（什么时间可以打给市民）",
                "with a flow, hours must say when citizens may be called",
                "hours",
            )
        return self
