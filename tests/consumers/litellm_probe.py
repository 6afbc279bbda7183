"""Runs inside LiteLLM's own environment: loads configurations with its loader, names its keys, and makes calls.

Reads one JSON request from stdin and writes one JSON answer as the last line of stdout.
"""

import asyncio
import dataclasses
import inspect
import json
import logging
import re
import sys
import time
from pathlib import Path
from typing import Any

import litellm
from litellm.proxy import proxy_server
from litellm.proxy._types import ConfigGeneralSettings, GenerateKeyRequest, LitellmUserRoles, UserAPIKeyAuth
from litellm.proxy.auth.auth_checks import can_key_call_resolved_model
from litellm.proxy.proxy_server import ProxyConfig
from litellm.router_utils import cooldown_handlers
from litellm.router_utils.pre_call_checks.deployment_affinity_check import VALID_MODEL_GROUP_AFFINITY_FLAGS
from litellm.types import litellm_params
from litellm.types.router import LiteLLM_Params, LiteLLMParamsTypedDict, ModelInfo, RetryPolicy
from litellm.types.utils import ModelInfoBase


class Heard(logging.Filter):
    """Keeps every warning and error. A filter, since the loader replaces handlers."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            self.lines.append(record.getMessage())
        return True


MASTER = UserAPIKeyAuth(api_key="master", user_role=LitellmUserRoles.PROXY_ADMIN)
"""What the proxy makes of the master key."""


async def load(path: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The router of a configuration, its general settings, and what the loader said about it."""
    heard = Heard()
    loggers = [logging.getLogger(name) for name in ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router")]
    for logger in loggers:
        logger.addFilter(heard)
    try:
        router, models, settings = await ProxyConfig().load_config(router=None, config_file_path=path)
    finally:
        for logger in loggers:
            logger.removeFilter(heard)
    deployments = router.get_model_list() or []
    use(router, settings)
    return (
        router,
        settings,
        {
            "models": len(models),
            "deployments": [entry["model_info"]["id"] for entry in deployments],
            "groups": sorted({entry["model_name"] for entry in deployments}),
            "providers": {entry["model_info"]["id"]: provider(entry["litellm_params"]) for entry in deployments},
            "fallbacks": router.fallbacks,
            "general": sorted(settings),
            "listed": {
                "master": await listed(MASTER),
                "key": await listed(UserAPIKeyAuth(api_key="any")),
                "tenants": {request["key_alias"]: await listed(key_of(request)) for request in tenants(Path(path))},
            },
            "warnings": heard.lines,
        },
    )


def tenants(config: Path) -> list[dict[str, Any]]:
    """The bodies of the requests that create the keys of the tenants beside a configuration."""
    path = config.with_name("tenants.json")
    return [item["request"] for item in json.loads(path.read_text())] if path.exists() else []


def key_of(request: dict[str, Any]) -> UserAPIKeyAuth:
    """What the proxy makes of a key with these models and aliases."""
    return UserAPIKeyAuth(api_key="tenant", models=request["models"], aliases=request.get("aliases", {}))


def use(router: Any, settings: dict[str, Any]) -> None:
    """Make these the proxy's own."""
    proxy_server.llm_router, proxy_server.general_settings = router, settings


async def listed(caller: UserAPIKeyAuth) -> list[str]:
    """What /v1/models answers."""
    answer = await proxy_server.model_list(user_api_key_dict=caller)
    return [entry["id"] for entry in answer["data"]]


def provider(params: dict[str, Any]) -> list[str]:
    """The model's name upstream, and the provider LiteLLM takes it for."""
    model, name, *_ = litellm.get_llm_provider(params["model"], api_base=params.get("api_base"))
    return [model, name]


def keys() -> dict[str, list[str]]:
    """What LiteLLM accepts, section by section, from its own types."""
    return {
        "router_settings": sorted(litellm.Router.get_valid_args()),
        "litellm_params": sorted({*LiteLLM_Params.model_fields, *LiteLLMParamsTypedDict.__annotations__, *options()}),
        "model_info": sorted({*ModelInfo.model_fields, *ModelInfoBase.__annotations__, *read_by_router()}),
        "retry_policy": sorted(RetryPolicy.model_fields),
        "general_settings": sorted(ConfigGeneralSettings.model_fields),
        "litellm_settings": sorted(dir(litellm)),
        "key_request": sorted(GenerateKeyRequest.model_fields),
        "affinity": sorted(VALID_MODEL_GROUP_AFFINITY_FLAGS),
    }


def read_by_router() -> set[str]:
    """Keys of `model_info` that the router reads without a type for them."""
    return set(re.findall(r'\bmi\.get\("(\w+)"\)', inspect.getsource(cooldown_handlers)))


def options() -> set[str]:
    """Keys of `litellm_params` that its parts know beside the types above."""
    parts = [part for part in vars(litellm_params).values() if dataclasses.is_dataclass(part)]
    return {field.name for part in parts for field in dataclasses.fields(part)}


async def call(router: Any, request: dict[str, Any]) -> dict[str, Any]:
    """One chat call: the answer's text or the error's class, and the seconds it took.

    It comes with the master key, or with that of a `tenant` of the configuration.
    """
    started = time.monotonic()
    prompt = [{"role": "user", "content": request.get("prompt", "hello")}]
    stream = bool(request.get("stream"))
    bodies = {body["key_alias"]: body for body in tenants(Path(request["config"]))}
    caller = key_of(bodies[request["tenant"]]) if "tenant" in request else MASTER
    model = request["model"]
    try:
        if caller is not MASTER:
            await can_key_call_resolved_model(model, llm_model_list=None, valid_token=caller, llm_router=router)
        answer = await router.acompletion(
            model=caller.aliases.get(model, model),
            messages=prompt,
            stream=stream,
            metadata={"user_api_key_auth": caller},
        )
        text = await streamed(answer) if stream else answer.choices[0].message.content
    except Exception as error:
        return {"error": type(error).__name__, "seconds": time.monotonic() - started}
    return {"text": text, "seconds": time.monotonic() - started}


async def streamed(answer: Any) -> str:
    """The text of a stream."""
    return "".join([chunk.choices[0].delta.content or "" async for chunk in answer if chunk.choices])


async def main() -> None:
    """Answer the request."""
    request = json.load(sys.stdin)
    answer: dict[str, Any] = {"keys": keys(), "loaded": {}, "calls": []}
    routers = {}
    for path in request["configs"]:
        *routers[path], answer["loaded"][path] = await load(path)
    for item in request.get("calls", []):
        use(*routers[item["config"]])
        answer["calls"].append(await call(routers[item["config"]][0], item))
    sys.stdout.write("\n" + json.dumps(answer, default=str) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
