// SPDX-License-Identifier: Apache-2.0
// A small valid plugin.json for the tests of this room.
#pragma once

#include "host/base/json.h"

inline portico::Json sampleManifest() {
    return portico::Json::parse(R"({
      "id": "google-contacts", "version": "1.0.0", "name": "Google Contacts", "abi": {"major": 1, "minor": 0},
      "library": "google-contacts.so", "concurrency": 4, "requires": {"host": ["portico.http/1"], "optional": []},
      "provides": ["portico.sync/1"],
      "connections": [{"name": "google", "kind": "oauth2", "provider": "google", "reason": "Keeps clients in step.",
        "scopes": [{"scope": "https://www.googleapis.com/auth/contacts", "reason": "Read and change contacts."}],
        "rules": [
          {"host": "people.googleapis.com", "method": "GET", "path": "/v1/people/{id}", "vars": {"id": "c[0-9]{1,30}"},
           "query": {"required": {"sources": "READ_SOURCE_TYPE_CONTACT"}, "allowed": ["personFields", "pageToken"]},
           "scope": "https://www.googleapis.com/auth/contacts"},
          {"host": "people.googleapis.com", "method": "PATCH", "path": "/v1/people/{id}:updateContact",
           "vars": {"id": "c[0-9]{1,30}"}, "query": {"allowed": ["updatePersonFields"]}, "headers": ["If-Match"],
           "scope": "https://www.googleapis.com/auth/contacts", "max_body": 65536},
          {"host": "www.googleapis.com", "method": "GET", "path": "/calendar/v3/calendars/{cal}/events",
           "vars": {"cal": "primary|[a-z0-9._]+@[a-z0-9.]+"}, "scope": "https://www.googleapis.com/auth/contacts"}]}],
      "records": [{"kind": "contact", "access": ["read", "write"], "reason": "To keep them in step."}],
      "streams": [{"name": "contacts", "title": "Contacts", "record": "contact", "connection": "google",
                   "direction": "both", "every": "PT5M", "batch": 200}],
      "events": ["contact.*"], "events_reason": "To send a change at once.",
      "actions": [{"name": "status", "title": "Status", "connection": "google", "role": "staff"}],
      "settings": {"type": "object", "properties": {}}, "limits": {"memory_mib": 128, "call_seconds": 30}})");
}
