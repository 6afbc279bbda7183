"""Plays kubectl for scripts: nodes in a JSON file, every call noted in another."""

import json
import re
import sys
from pathlib import Path
from typing import TextIO

HOME = Path(sys.argv[0]).parent
NODES, CALLS = HOME / "nodes.json", HOME / "calls.json"
LABEL_PATH = r"jsonpath={.metadata.labels.fleetgen\.dev/pool}"
TAINT_PATH = r'jsonpath={range .spec.taints[*]}{.key}={.value}:{.effect}{"\n"}{end}'


def say(text: str, where: TextIO = sys.stdout) -> None:
    where.write(f"{text}\n")


def main(words: list[str]) -> int:
    """Do what the words say to the nodes, as kubectl would; 1 and a message where it would refuse."""
    calls = json.loads(CALLS.read_text()) if CALLS.exists() else []
    CALLS.write_text(json.dumps([*calls, words]))
    if words[:1] == ["--context"]:
        words = words[2:]
    nodes = json.loads(NODES.read_text())
    if words[:2] == ["get", "nodes"]:
        return selected(nodes, words[words.index("-l") + 1])
    verb, kind, host, *rest = words
    assert kind == "node", words
    if host not in nodes:
        say(f'Error from server (NotFound): nodes "{host}" not found', sys.stderr)
        return 1
    done = {"get": show, "label": label, "taint": taint}[verb](nodes[host], rest)
    NODES.write_text(json.dumps(nodes))
    return done


def selected(nodes: dict[str, dict], selector: str) -> int:
    wanted = dict(part.split("=") for part in selector.split(","))
    for name, node in nodes.items():
        if wanted.items() <= node["labels"].items():
            say(f"node/{name}")
    return 0


def show(node: dict, words: list[str]) -> int:
    assert words[0] == "-o", words
    if words[1] == LABEL_PATH:
        sys.stdout.write(node["labels"].get("fleetgen.dev/pool", ""))
    elif words[1] == TAINT_PATH:
        sys.stdout.write("".join(f"{key}={value}:{effect}\n" for key, value, effect in node["taints"]))
    else:
        assert words[1] == "name", words
    return 0


def label(node: dict, words: list[str]) -> int:
    change, *flags = words
    if change.endswith("-"):
        node["labels"].pop(change[:-1], None)
        return 0
    key, value = change.split("=")
    if node["labels"].get(key, value) != value and flags != ["--overwrite"]:
        say("error: already has a value, and --overwrite is false", sys.stderr)
        return 1
    node["labels"][key] = value
    return 0


def taint(node: dict, words: list[str]) -> int:
    change, *flags = words
    if change.endswith("-"):
        key, effect = re.fullmatch(r"([^=:]+):(\w+)-", change).groups()
        kept = [each for each in node["taints"] if (each[0], each[2]) != (key, effect)]
        if kept == node["taints"]:
            say(f'error: taint "{key}:{effect}" not found', sys.stderr)
            return 1
        node["taints"] = kept
        return 0
    key, value, effect = re.fullmatch(r"([^=:]+)=([^:]*):(\w+)", change).groups()
    same = [each for each in node["taints"] if (each[0], each[2]) == (key, effect)]
    if same and flags != ["--overwrite"]:
        say("error: node already has the taint, and --overwrite is false", sys.stderr)
        return 1
    node["taints"] = [each for each in node["taints"] if each not in same] + [[key, value, effect]]
    return 0


sys.exit(main(sys.argv[1:]))
