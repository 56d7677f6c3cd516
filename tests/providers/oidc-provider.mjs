// Two or more identity providers in one process, for the tests: `node oidc-provider.mjs`.
// The first line of standard input says which; each further line is a command; each is answered with one line.
import http from 'node:http';
import readline from 'node:readline';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

// What the library says goes to standard error: standard output is for answers.
console.info = console.error;
console.warn = console.error;

const freshKeys = async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' }] };
};

class Issuer {
  constructor(wanted) {
    this.wanted = wanted;
    this.server = http.createServer((request, response) => this.answer(request, response));
  }

  async start() {
    await new Promise((done) => { this.server.listen(0, '127.0.0.1', done); });
    this.port = this.server.address().port;
    await this.rotate();
    return `http://127.0.0.1:${this.port}`;
  }

  // Signs with a new key from now on, at the same address.
  async rotate() {
    const { client, people } = this.wanted;
    // Browsers keep cookies per host and not per port: each issuer has names of its own.
    const names = (kind) => `_${kind}_${this.port}`;
    const provider = new Provider(`http://127.0.0.1:${this.port}`, {
      clients: [{ ...client, grant_types: ['authorization_code'], response_types: ['code'] }],
      jwks: await freshKeys(),
      pkce: { required: () => true },
      features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
      claims: { openid: ['sub'], profile: ['name', 'nip', 'roles'] },
      conformIdTokenClaims: this.wanted.claimsInToken ? false : true,
      cookies: {
        keys: ['uji'],
        names: { session: names('session'), interaction: names('interaction'), resume: names('resume') },
      },
      findAccount: async (_context, id) => ({
        accountId: id,
        claims: async () => ({ sub: id, ...(people[id] ?? {}) }),
      }),
    });
    this.answer = provider.callback();
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => { this.server.close(done); });
  }
}

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const issuers = JSON.parse((await lines.next()).value).map((wanted) => new Issuer(wanted));
const addresses = [];
for (const issuer of issuers) addresses.push(await issuer.start());
console.log(JSON.stringify(addresses));
for await (const line of lines) {
  const [command, number] = line.split(' ');
  await issuers[Number(number)][command]();
  console.log('done');
}
process.exit(0);
