#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds plugin-api/schemas/plugin.schema.json against the corpus that corpus_test.cpp feeds to the host: what the schema
refuses must be refused at the same place, and what it accepts although it is wrong must be marked as the host's to see.

Usage: corpus.py SCHEMA CORPUS"""
import copy
import json
import re
import sys

import jsonschema

TOKEN = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def steps(path):
    return [name if name else int(index) for name, index in TOKEN.findall(path)]


def changed(base, case):
    document = copy.deepcopy(base)
    for path, value in case.get("set", {}).items():
        *way, last = steps(path)
        at = document
        for step in way:
            at = at[step]
        at[last] = value
    for path in case.get("drop", []):
        *way, last = steps(path)
        at = document
        for step in way:
            at = at[step]
        del at[last]
    return document


def leaves(errors):
    for error in errors:
        yield error
        yield from leaves(error.context)


def main(schema_file, corpus_file):
    with open(schema_file, encoding="utf-8") as file:
        schema = json.load(file)
    with open(corpus_file, encoding="utf-8") as file:
        corpus = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = 0
    for case in corpus["cases"]:
        places = [list(e.absolute_path) for e in leaves(validator.iter_errors(changed(corpus["base"], case)))]
        fault = case.get("fault")
        expected = fault is not None and not case.get("host_only", False)
        # A missing or unknown member is reported at the object that lacks or holds it.
        named = any(p == steps(fault)[: len(p)] and len(steps(fault)) - len(p) <= 1 for p in places) if fault else True
        if bool(places) != expected or (expected and not named):
            failed += 1
            print(f"{case['name']}: expected {fault if expected else 'no fault'}, the schema says {places or 'nothing'}")
    print(f"{len(corpus['cases'])} cases, {failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
