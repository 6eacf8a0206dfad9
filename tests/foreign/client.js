// An OAuth client that nobody here wrote (oauth4webapi), at the sandbox. What it needs to know comes by standard input,
// from examples/sandbox/tests/exchange/foreign.rs; each thing that it tries is a line on standard output.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import * as oauth from 'oauth4webapi'

const told = JSON.parse(readFileSync(0, 'utf8'))
// To this machine only.
const plain = { [oauth.allowInsecureRequests]: true }
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

let passed = 0
async function step(name, body) {
  try {
    const result = await body()
    console.log(`ok ${name}`)
    passed += 1
    return result
  } catch (error) {
    console.log(`not ok ${name}: ${error.message} ${JSON.stringify(error.cause ?? null)}`)
    process.exit(1)
  }
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
async function pair(jwk) {
  const { d, ...open } = jwk
  return {
    privateKey: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', open, algorithm, true, ['verify']),
  }
}

// A client as the library sees it: who it is, how it says so, and its proofs of possession.
async function client({ id, jwk }) {
  const keys = await pair(jwk)
  const known = { client_id: id }
  const auth = oauth.PrivateKeyJwt(keys.privateKey)
  return { known, auth, DPoP: oauth.DPoP(known, keys) }
}

// Once more where the server wants a nonce of its own (RFC 9449 §8): the library has kept it.
let nonces = 0
async function again(ask) {
  try {
    return await ask()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    nonces += 1
    return ask()
  }
}

async function refused(ask, code) {
  try {
    await again(ask)
  } catch (error) {
    const said = error.error ?? error.cause?.[0]?.parameters?.error
    return assert.equal(said, code, `${said}, not ${code}: ${error.message}`)
  }
  assert.fail('it was taken')
}

const issuer = new URL(told.issuer)
const as = await step('metadata (RFC 8414)', async () => {
  const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...plain })
  return oauth.processDiscoveryResponse(issuer, answer)
})
await step('metadata says what is asked below', () => {
  const has = (name, value) => assert.ok(as[name]?.includes(value), `${name}: ${as[name]}`)
  has('token_endpoint_auth_methods_supported', 'private_key_jwt')
  has('token_endpoint_auth_signing_alg_values_supported', 'ES256')
  has('dpop_signing_alg_values_supported', 'ES256')
  has('grant_types_supported', 'client_credentials')
  has('grant_types_supported', 'urn:ietf:params:oauth:grant-type:token-exchange')
})
await step('metadata of the resource (RFC 9728)', async () => {
  const resource = new URL(`${told.issuer}/`)
  const answer = await oauth.resourceDiscoveryRequest(resource, plain)
  const said = await oauth.processResourceDiscoveryResponse(resource, answer)
  assert.deepEqual(said.authorization_servers, [told.issuer])
})

const device = await client(told.device)
const server = await client(told.server)
const stranger = await client({ id: told.server.id, jwk: told.device.jwk })

function exchange(who, more = {}) {
  const parameters = {
    subject_token: told.assertion,
    subject_token_type: 'urn:x-kaigo:token-type:card-assertion',
    actor_token: told.staff_token,
    actor_token_type: ACCESS_TOKEN,
    requested_token_type: ACCESS_TOKEN,
    resource: `${told.issuer}/`,
    scope: 'qualification:read',
    ...more,
  }
  const grant = 'urn:ietf:params:oauth:grant-type:token-exchange'
  return async () => {
    const options = { DPoP: who.DPoP, ...plain }
    const answer = await oauth.genericTokenEndpointRequest(as, who.known, who.auth, grant, parameters, options)
    return oauth.processGenericTokenEndpointResponse(as, who.known, answer)
  }
}

const token = await step('token exchange (RFC 8693) with private_key_jwt and DPoP', async () => {
  const granted = await again(exchange(device))
  assert.equal(granted.token_type, 'dpop')
  assert.equal(granted.issued_token_type, ACCESS_TOKEN)
  return granted.access_token
})
await step('the server wanted its nonce (RFC 9449 §8)', () => assert.equal(nonces, 1))
await step('the same assertion again gets the same token', async () => {
  assert.equal((await again(exchange(device))).access_token, token)
})

// A request with a token and a proof.
function call(who, shown, path) {
  const url = new URL(path, issuer)
  return () => oauth.protectedResourceRequest(shown, 'GET', url, undefined, undefined, { DPoP: who.DPoP, ...plain })
}
await step('the token opens what it is for', async () => {
  const answer = await again(call(device, token, '/v1/qualification'))
  assert.equal(answer.status, 200)
  assert.equal((await answer.json()).insured_number, told.insured_number)
})
await step('another key opens nothing with it', () => refused(call(server, token, '/v1/qualification'), 'invalid_token'))
await step('the token is one that its library takes at a resource (RFC 9068)', async () => {
  const url = new URL('/v1/qualification', issuer)
  let shown
  const take = { [oauth.customFetch]: (_, { headers }) => ((shown = headers), new Response('')) }
  const options = { DPoP: device.DPoP, ...plain, ...take }
  await oauth.protectedResourceRequest(token, 'GET', url, undefined, undefined, options)
  const request = new Request(url, { headers: shown })
  const claims = await oauth.validateJwtAccessToken(as, request, `${told.issuer}/`, { requireDPoP: true, ...plain })
  assert.equal(claims.scope, 'qualification:read')
})

async function introspect(shown) {
  const answer = await oauth.introspectionRequest(as, server.known, server.auth, shown, plain)
  return oauth.processIntrospectionResponse(as, server.known, answer)
}
await step('introspection (RFC 7662)', async () => {
  const said = await introspect(token)
  assert.equal(said.active, true)
  assert.equal(said.client_id, told.device.id)
  assert.ok(said.cnf.jkt)
})
await step('introspection of what is no token', async () => assert.equal((await introspect('none')).active, false))

const own = await step('client credentials (RFC 6749 §4.4)', async () => {
  const granted = await again(async () => {
    const options = { DPoP: server.DPoP, ...plain }
    const answer = await oauth.clientCredentialsGrantRequest(as, server.known, server.auth, { scope: 'care:read' }, options)
    return oauth.processClientCredentialsResponse(as, server.known, answer)
  })
  assert.equal(granted.scope ?? 'care:read', 'care:read')
  return granted.access_token
})
await step('its token opens what is its own', async () => {
  const answer = await again(call(server, own, '/v1/client'))
  assert.equal((await answer.json()).client_id, told.server.id)
})
await step('its token opens nothing of a person', () => refused(call(server, own, '/v1/qualification'), 'invalid_token'))
await step('a stranger is no client', () =>
  refused(async () => {
    const options = { DPoP: stranger.DPoP, ...plain }
    const answer = await oauth.clientCredentialsGrantRequest(as, stranger.known, stranger.auth, {}, options)
    return oauth.processClientCredentialsResponse(as, stranger.known, answer)
  }, 'invalid_client'))

await step('revocation (RFC 7009)', async () => {
  const answer = await oauth.revocationRequest(as, device.known, device.auth, token, plain)
  await oauth.processRevocationResponse(answer)
  assert.equal((await introspect(token)).active, false)
})
await step('a token that was revoked opens nothing', () => refused(call(device, token, '/v1/qualification'), 'invalid_token'))
console.log(`foreign client oauth4webapi: ${passed} passed, 0 failed`)
