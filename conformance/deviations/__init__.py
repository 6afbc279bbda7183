"""Where a gateway is known to differ from a row: how, and what proves it. One module a kind."""

from collections.abc import Mapping

from conformance.deviations import envoy, litellm
from conformance.row import Deviation

DEVIATIONS: Mapping[str, Mapping[str, Deviation]] = {
    "envoy": envoy.DEVIATIONS,
    "litellm": litellm.DEVIATIONS,
}
