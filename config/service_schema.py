"""Service numbers: what administrators and supervisors do by telephone, with a PIN."""

from typing import Annotated

from pydantic import Field, model_validator

from config.values import NAME, Number, PromptName, Settings, fault, word

CODE = word("[0-9]{1,6}", "编号是 1 到 6 位数字", "a code has 1 to 6 figures")
Code = Annotated[str, CODE]


class Service(Settings):
    """Numbers that lead to no citizen's flow. Without them nothing can be done by telephone."""

    number: Number | None = None
    """Record a prompt, switch a plan on or off, try the draft; empty: no such number."""
    test_number: Number | None = None
    """Leads, after the PIN, to the draft that is in the folder now; empty: no such number."""
    prompts: dict[Code, PromptName] = Field(default_factory=dict)
    """Code that is keyed → the prompt that may be recorded by telephone."""
    plans: dict[Code, Annotated[str, NAME]] = Field(default_factory=dict)
    """Code that is keyed → the plan of plans.yaml."""

    @model_validator(mode="after")
    def _apart(self) -> "Service":
        if self.number is not None and self.number == self.test_number:
            zh, en = "两个号码不能相同", "the two numbers must differ"
            raise fault(zh, en, "test_number")
        return self
