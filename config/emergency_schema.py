"""What is done with callers who are in danger."""

from pydantic import model_validator

from config.values import LaneName, PromptName, Settings, fault


class Emergency(Settings):
    """The lane for callers whose words mean danger, and what they hear at once."""

    lane: LaneName | None = None
    """One that drops nobody; empty: they go to the front of the lane that they are in."""
    prompt: PromptName | None = None
    """Said to them when they take their place there; in every language of the site."""

    @model_validator(mode="after")
    def _prompt_has_a_lane(self) -> "Emergency":
        if self.prompt is not None and self.lane is None:
            raise fault("写了 prompt 就要写 lane", "a prompt needs a lane", "prompt")
        return self
