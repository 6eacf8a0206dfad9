// A server that takes the platform's access tokens, with jose: docs/resource-server.md.
import { createHash } from 'node:crypto'
import { EmbeddedJWK, calculateJwkThumbprint, createRemoteJWKSet, jwtVerify } from 'jose'

const { ISSUER, AUDIENCE, ADDRESS, JWKS } = process.env
// Fetched again where a token names a key that is not known, at a limited rate.
const keys = createRemoteJWKSet(new URL(JWKS))
const access = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['ES256'], requiredClaims: ['exp', 'sub'] }
const proof = { typ: 'dpop+jwt', algorithms: ['ES256'], requiredClaims: ['jti', 'iat'], maxTokenAge: 60, clockTolerance: 60 }

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('base64url')

function need(holds, what, status = 401) {
  if (!holds) throw Object.assign(new Error(what), { status })
}

// Without query and fragment, and in its normal form.
function address(text) {
  const url = new URL(text)
  url.search = url.hash = ''
  return url.href
}

// Proofs that were seen, and until when they are remembered; the oldest first.
const seen = new Map()
function firstTime(name, now = Date.now()) {
  for (const [old, until] of seen) {
    if (until >= now) break
    seen.delete(old)
  }
  return seen.size < 1_000_000 && !seen.has(name) && seen.set(name, now + 900_000)
}

async function judge(request, scope) {
  const { authorization = [], dpop = [] } = request.headersDistinct
  need(authorization.length === 1 && dpop.length === 1, 'one token and one proof')
  const [, token] = authorization[0].match(/^DPoP ([\w.-]+)$/i) ?? []
  const { payload: claims } = await jwtVerify(token ?? '', keys, access)
  const { payload: said, protectedHeader } = await jwtVerify(dpop[0], EmbeddedJWK, proof)
  const { jkt, 'x5t#S256': bound } = claims.cnf ?? {}
  need((await calculateJwkThumbprint(protectedHeader.jwk)) === jkt, 'another key')
  need(said.htm === request.method, 'another method')
  need(address(said.htu) === address(ADDRESS + request.url), 'another address')
  need(said.ath === sha256(token), 'another token')
  const certificate = request.socket.getPeerCertificate().raw
  need(!bound || (certificate && bound === sha256(certificate)), 'another certificate')
  need(firstTime(`${jkt} ${said.jti}`), 'the proof was seen before')
  need(claims.scope.split(' ').includes(scope), 'another scope', 403)
  return { subject: claims.sub, facility: claims.kaigo.fac, staff: claims.act.sub }
}

export async function plans(request, answer) {
  try {
    const body = JSON.stringify(await judge(request, 'qualification:read'))
    answer.writeHead(200, { 'content-type': 'application/json' }).end(body)
  } catch ({ status = 401 }) {
    answer.writeHead(status, { 'www-authenticate': 'DPoP error="invalid_token", algs="ES256"' }).end()
  }
}
