"""IoT provisioning: a pre-provisioning hook, which decides whether a device gets its certificate.

::

    @app.iot_provisioning("sensors")
    def known(parameters: dict, request: ProvisioningRequest) -> bool:
        return parameters.get("SerialNumber", "").startswith("S-")

`template` is the provisioning template's name, or a glob, or a list of them. One parameter takes the device's
parameters, validated. The handler returns True or False, or an object of parameters that override the device's own,
which is a yes.

Delivery: synchronous, within five seconds. A handler that raises, is late or does not exist refuses the device, and is
logged.
https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_characters
from lambdarouter.core.single import FilterTrigger, SingleRecord, plain
from lambdarouter.core.verdict import VerdictSource, no_verdict
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["IotProvisioningSource", "IotProvisioningTrigger", "ProvisioningRequest"]


class ProvisioningRequest(SingleRecord):
    """One device that asks to be provisioned."""

    _id_path = ("certificateId",)

    claim_certificate_id: str = field("claimCertificateId", default="")
    certificate_id: str = field("certificateId", default="")
    certificate_pem: str = field("certificatePem", default="")
    template_arn: str = field("templateArn", default="")
    client_id: str = field("clientId", default="")
    parameters: dict[str, Any] = field("parameters", of=dict, default=dict)

    @property
    def template(self) -> str:
        """The template's name, without the rest of its ARN."""
        return self.template_arn.rpartition("/")[2]


class IotProvisioningSource(VerdictSource):
    """Devices: one handler lets them in, or nobody does."""

    names: tuple[str, ...] = ("iot.provisioning",)
    decorator = "@app.iot_provisioning(template)"
    record: type[View] = ProvisioningRequest
    value: str | None = "parameters"

    def origin(self, record: ProvisioningRequest) -> str:
        """The template, by name."""
        return f"a device of the provisioning template {record.template!r}"

    def verdict(self, record: ProvisioningRequest, value: Any) -> dict[str, Any]:
        """What IoT takes for a yes, with the parameters that override the device's, or a no."""
        if isinstance(value, bool):
            return {"allowProvisioning": value}
        overrides = None if value is None else plain(value)
        if not isinstance(overrides, dict):
            raise no_verdict(value, "True, False, or an object of parameters to override")
        return {"allowProvisioning": True, "parameterOverrides": overrides}

    def refusal(self, record: ProvisioningRequest) -> dict[str, Any]:
        """Not provisioned."""
        return {"allowProvisioning": False}


class IotProvisioningTrigger(FilterTrigger):
    """`@app.iot_provisioning("sensors")`: decide which devices are provisioned by this template.

    `template`: a provisioning template's name or a glob, or a list of them; without, every one. `shared`: the options
    of every trigger.
    """

    __slots__ = ()

    source: type[Source] = IotProvisioningSource

    def __init__(self, template: str | Sequence[str] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__({"template": template}, **shared)
        check_characters("template", template, "_-")
