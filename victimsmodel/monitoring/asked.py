"""The door of what is asked of a series: settings that cannot be are refused as any other input is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator

from victimsmodel.errors import InputError
from victimsmodel.inputs.quantities import Frozen
from victimsmodel.inputs.strict_yaml import Node


class Asked(Frozen):
    """Settings that a user writes in Python."""

    #: What the settings are called in messages.
    called: ClassVar[str] = "settings"

    @model_validator(mode="wrap")
    @classmethod
    def _refuse(cls, given: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        """Say every problem with field, value and what is allowed (VM160)."""
        try:
            return handler(given)
        except ValidationError as error:
            from victimsmodel.inputs.messages import validation_problems  # it knows the scenario

            cells = given if isinstance(given, dict) else {}
            root = Node({str(key): Node(None, cls.called, str(key)) for key in cells}, cls.called)
            found = validation_problems(error, root, cls)
            raise InputError(replace(problem, code="VM160") for problem in found) from None
