"""Salesforce and HubSpot as far as the sinks see them: tasks by external id, logins, owners, limits of fields."""

import base64
import itertools
import json
import re
from urllib.parse import parse_qs

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from stream_app.settings.sinks import HubSpotSettings, SalesforceSettings
from tests.sinks.scripted import ScriptedServer

SALESFORCE_SECRET = "salesforce-client-secret"
HUBSPOT_TOKEN = "pat-hubspot-token"
CLIENT_ID = "stream-app-client"
USERNAME = "integration@example.com"
INTEGRATION_USER = "005000000000000AAA"


class SalesforceServer(ScriptedServer):
    """`refused` holds by external id the errors of an item; `public_key` checks assertions, `now` their time."""

    def __init__(self, *, public_key=None, now=0.0):
        super().__init__()
        self.public_key = public_key
        self.now = now
        self.records = {}  # by external id
        self.made = []  # external ids, each time a record is created
        self.refused = {}
        self.users = {}  # e-mail address: ids
        self.queues = {}  # name: id
        self.tokens = set()
        self.logins = 0
        self.login_fault = None
        self.instance_url = None  # itself
        self._numbers = itertools.count(1)

    def settings(self, **changed):
        """Return settings that log in with the client secret, changed as given."""
        given = {"login_url": self.url, "client_id": CLIENT_ID, "client_secret": SALESFORCE_SECRET}
        return SalesforceSettings(**(given | changed))

    def fault_of(self, asked):
        return self.login_fault if asked.path.endswith("/oauth2/token") else super().fault_of(asked)

    async def answer(self, asked):
        if asked.path == "/services/oauth2/token":
            return self._log_in(asked)
        if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _errors(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if (asked.method, asked.path) == ("GET", "/services/data/v62.0/query"):
            return self._query(asked.query["q"])
        if found := re.fullmatch(r"/services/data/v62\.0/composite/sobjects/Task/(\w+)", asked.path):
            return self._upsert(found[1], asked.json)
        return _errors(404, "NOT_FOUND", "The requested resource does not exist")

    def _log_in(self, asked):
        form = {key: values[0] for key, values in parse_qs(asked.body.decode()).items()}
        if form["grant_type"] == "client_credentials":
            good = (form["client_id"], form["client_secret"]) == (CLIENT_ID, SALESFORCE_SECRET)
        else:
            good = self._is_signed(form["assertion"])
        if not good:
            return web.json_response({"error": "invalid_grant", "error_description": "not approved"}, status=400)
        self.logins += 1
        token = f"token!{next(self._numbers)}"
        self.tokens.add(token)
        return web.json_response({"access_token": token, "instance_url": self.instance_url or self.url})

    def _is_signed(self, assertion):
        signed, _, signature = assertion.rpartition(".")
        header, claims = (json.loads(_raw(part)) for part in signed.split("."))
        try:
            self.public_key.verify(_raw(signature), signed.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        expected = {"iss": CLIENT_ID, "sub": USERNAME, "aud": self.url}
        return header["alg"] == "RS256" and expected.items() <= claims.items() and 0 < claims["exp"] - self.now <= 300

    def _query(self, query):
        literals = [re.sub(r"\\(.)", r"\1", one) for one in re.findall(r"'((?:[^'\\]|\\.)*)'", query)]
        if re.fullmatch(r"SELECT Id FROM User WHERE Email = '.*' AND IsActive = true LIMIT 2", query):
            ids = self.users.get(literals[0], [])[:2]
        else:
            ids = [self.queues[literals[1]]] if literals[1] in self.queues else []
        return web.json_response({"totalSize": len(ids), "done": True, "records": [{"Id": one} for one in ids]})

    def _upsert(self, field, body):
        if len(body["records"]) > 200:
            return _errors(400, "LIMIT_EXCEEDED", "at most 200 records")
        return web.json_response([self._upserted(field, dict(record)) for record in body["records"]])

    def _upserted(self, field, record):
        key = record.pop(field)
        error = self.refused.get(key) or _too_long(record, {"Subject": 255, "Description": 32_000})
        if error:
            return {"success": False, "errors": [error]}
        created = key not in self.records
        if created:
            self.made.append(key)
            defaults = {"Id": f"00T{next(self._numbers):012}AAA", "Status": "Not Started", "OwnerId": INTEGRATION_USER}
            self.records[key] = defaults
        self.records[key] |= record
        return {"success": True, "id": self.records[key]["Id"], "created": created, "errors": []}


class HubSpotServer(ScriptedServer):
    """`refused` holds by external id the error of an item."""

    def __init__(self):
        super().__init__()
        self.records = {}  # by external id
        self.made = []
        self.refused = {}
        self.owners = {}  # e-mail address: ids
        self._numbers = itertools.count(1)

    def settings(self, **changed):
        """Return settings for this server, changed as given."""
        return HubSpotSettings(**({"api_url": self.url, "token": HUBSPOT_TOKEN} | changed))

    async def answer(self, asked):
        if asked.headers.get("Authorization") != f"Bearer {HUBSPOT_TOKEN}":
            return web.json_response({"category": "INVALID_AUTHENTICATION", "message": "token not found"}, status=401)
        if (asked.method, asked.path) == ("GET", "/crm/v3/owners"):
            return web.json_response({"results": [{"id": one} for one in self.owners.get(asked.query["email"], [])]})
        if (asked.method, asked.path) == ("POST", "/crm/v3/objects/tasks/batch/upsert"):
            return self._upsert(asked.json["inputs"])
        return web.json_response({"category": "OBJECT_NOT_FOUND", "message": "no such path"}, status=404)

    def _upsert(self, inputs):
        if len(inputs) > 100:
            return web.json_response({"category": "VALIDATION_ERROR", "message": "at most 100"}, status=400)
        errors = [error for one in inputs if (error := self._error(one))]
        results = [self._upserted(one) for one in inputs if not self._error(one)]
        body = {"status": "COMPLETE", "results": results}
        return web.json_response({**body, "errors": errors} if errors else body, status=207 if errors else 200)

    def _error(self, one):
        missing = one["id"] not in self.records and "hs_timestamp" not in one["properties"]
        error = self.refused.get(one["id"]) or (
            {"category": "VALIDATION_ERROR", "message": "hs_timestamp is required"} if missing else None
        )
        return error and {"status": "error", "context": {"objectWriteTraceId": [one["objectWriteTraceId"]]}, **error}

    def _upserted(self, one):
        created = one["id"] not in self.records
        if created:
            self.made.append(one["id"])
            self.records[one["id"]] = {"hs_object_id": str(next(self._numbers))}
        record = self.records[one["id"]]
        record |= one["properties"]
        return {"id": record["hs_object_id"], "new": created, "objectWriteTraceId": one["objectWriteTraceId"]}


def _errors(status, code, message):
    return web.json_response([{"errorCode": code, "message": message}], status=status)


def _too_long(record, limits):
    names = [name for name, limit in limits.items() if len(record[name].encode("utf-16-le")) > limit * 2]
    return {"statusCode": "STRING_TOO_LONG", "message": names[0], "fields": names} if names else None


def _raw(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
