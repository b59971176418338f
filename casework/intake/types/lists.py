"""The option lists as the code knows them: built-in codes, their first names, and what rules depend on.

A rule that names a code reads it here as protected: such a code is always offered. A list is open when neither a rule
nor a column has to know all of its codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.cases.types import POPULATION_NAMES, SERVICE_NAMES, Population, ServiceType
from casework.intake.types.codes import (
    AGE_NAMES,
    CALL_TYPE_NAMES,
    CATEGORY_NAMES,
    CONSENT_NAMES,
    FOR_WHOM_NAMES,
    OUTCOME_NAMES,
    RISK_NAMES,
    RISK_REASON_NAMES,
    SEX_NAMES,
    TOPIC_NAMES,
    AgeBand,
    CallType,
    ForWhom,
    Outcome,
    Risk,
    Sex,
    Topic,
)
from casework.options.types import BuiltIn, OptionList

if TYPE_CHECKING:
    from collections.abc import Mapping

# The two answers that most callers need stand first, where a digit reaches them.
_POPULATIONS: Final = sorted(Population, key=lambda each: each not in {Population.NONE, Population.UNKNOWN})

BUILT_IN: Final[Mapping[OptionList, BuiltIn]] = {
    OptionList.CALL_TYPE: BuiltIn(names=CALL_TYPE_NAMES, protected=frozenset(CallType)),
    OptionList.FOR_WHOM: BuiltIn(names=FOR_WHOM_NAMES, protected=frozenset({ForWhom.SELF}), is_open=True),
    OptionList.SEX: BuiltIn(names=SEX_NAMES, protected=frozenset({Sex.UNKNOWN})),
    # The bands add up to those of the report form, so none may be missing.
    OptionList.AGE_BAND: BuiltIn(names=AGE_NAMES, protected=frozenset(AgeBand)),
    OptionList.POPULATION: BuiltIn(
        names={each: POPULATION_NAMES[each] for each in _POPULATIONS},
        protected=frozenset({Population.NONE, Population.UNKNOWN, Population.CHILD}),
        is_open=True,
    ),
    OptionList.TOPIC: BuiltIn(names=TOPIC_NAMES, protected=frozenset({Topic.INFORMATION}), is_open=True),
    OptionList.RISK: BuiltIn(names=RISK_NAMES, protected=frozenset(Risk)),
    OptionList.RISK_REASON: BuiltIn(names=RISK_REASON_NAMES, is_open=True),
    OptionList.OUTCOME: BuiltIn(names=OUTCOME_NAMES, protected=frozenset(Outcome)),
    # R5 and R6 say who may give them, so each must be known.
    OptionList.SERVICE: BuiltIn(
        names=SERVICE_NAMES,
        protected=frozenset(
            {
                ServiceType.PSYCHOLOGICAL_SUPPORT,
                ServiceType.CRISIS_INTERVENTION,
                ServiceType.CRISIS_ASSESSMENT,
                ServiceType.PSYCHOLOGICAL_COUNSELING,
                ServiceType.BEREAVEMENT_COUNSELING,
                ServiceType.STAFF_DECOMPRESSION,
                ServiceType.PSYCHIATRIC_CONSULTATION,
            }
        ),
    ),
    OptionList.CONSENT: BuiltIn(names=CONSENT_NAMES, is_open=True),
    OptionList.CATEGORY: BuiltIn(names=CATEGORY_NAMES, is_open=True),
}
