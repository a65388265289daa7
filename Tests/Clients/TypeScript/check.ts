// Calls the API as a program in TypeScript would: every path, member and error code below is checked by the compiler
// against the document. The first argument says where the API is.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type ErrorCode = components["schemas"]["Error"]["code"];

const baseUrl = process.argv[2];
assert.ok(baseUrl, "usage: node check.js http://localhost:5000");
const api = createClient<paths>({ baseUrl });

const email = `${randomUUID()}@example.com`;
const password = "correct horse battery";

type Answer = { error?: components["schemas"]["ErrorEnvelope"]; response: Response };

function refused(answer: Answer, status: number, code: ErrorCode) {
  assert.equal(answer.response.status, status);
  assert.equal(answer.error?.error.code, code);
}

const registered = await api.POST("/api/v1/auth/register", { body: { email, password, name: "Ada" } });
assert.equal(registered.response.status, 201);
assert.equal(registered.data?.data.email, email);
refused(await api.POST("/api/v1/auth/register", { body: { email, password, name: "Ada" } }), 409, "EMAIL_TAKEN");

const pair = (await api.POST("/api/v1/auth/login", { body: { email, password } })).data?.data;
assert.ok(pair);
refused(await api.GET("/api/v1/users/me"), 401, "UNAUTHORIZED");
api.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${pair.accessToken}`);
  },
});

const me = await api.GET("/api/v1/users/me");
assert.equal(me.data?.data.name, "Ada");
const etag = me.response.headers.get("ETag");
assert.ok(etag);
const unchanged = await api.GET("/api/v1/users/me", { params: { header: { "If-None-Match": etag } } });
assert.equal(unchanged.response.status, 304);

const products = await api.GET("/api/v1/products", { params: { query: { limit: 5 } } });
assert.deepEqual(products.data?.meta.pagination, { limit: 5, nextCursor: null });

const account = (await api.POST("/api/v1/accounts", { body: { name: "Household", currency: "EUR" } })).data?.data;
assert.ok(account);
const other = (await api.POST("/api/v1/accounts", { body: { name: "Savings", currency: "EUR" } })).data?.data;
assert.ok(other);
const transfer = await api.POST("/api/v1/transfers", {
  params: { header: { "Idempotency-Key": randomUUID() } },
  body: { fromAccountId: account.id, toAccountId: other.id, amountMinor: 100 },
});
refused(transfer, 409, "INSUFFICIENT_FUNDS");

console.log("A TypeScript client registered, logged in, read itself and the products, and had a transfer refused.");
