// An application that uses Pipit: a site of its own, on another origin than the server's, with a page, a backend that signs
// tokens, and what README.md and docs/push.md have a newcomer paste.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { deadlineMs } from '../../integration/support/deadline.mjs';

// A <script> with what is in a file.
export const script = (url) => `<script>${readFileSync(url, 'utf8')}</script>`;
const ours = (name) => script(new URL(`../site/${name}.js`, import.meta.url));
export const [people, remains, calls, push] = ['people', 'remains', 'calls', 'push'].map(ours);
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const guide = readFileSync(new URL('../../../docs/push.md', import.meta.url), 'utf8');
const [snippet, guidePage] = [readme, guide].map((text) => /^```html\n(.*?)^```$/ms.exec(text)[1]);
// The server's own, which must be of the page's origin.
const [, worker] = /^echo "(.*)" > pipit-sw\.js$/m.exec(guide);
const SNIPPET_ORIGIN = 'http://127.0.0.1:8080';
// How a page loads the client. The global finds the server by the script's address, the module is told.
const loaders = {
  script: (server) => `<script src="${server}/pipit.js"></script>`,
  module: (server) => `<script type="module">
    import { Pipit } from '${server}/pipit.mjs';
    window.Pipit = class extends Pipit {
      constructor(options) { super({ url: '${server}', ...options }); }
    };
  </script>`,
};

const page = (scripts) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>An application</title>
<script>const DEADLINE_MS = ${deadlineMs};</script>${scripts}<main></main>`;

// By its path; `server` is the origin of the client.
const pages = {
  '/script': (server) => loaders.script(server) + people,
  '/module': (server) => loaders.module(server) + people,
  '/push/script': (server) => loaders.script(server) + people + push,
  '/push/module': (server) => loaders.module(server) + people + push,
  '/calls/script': (server) => remains + loaders.script(server) + people + calls,
  '/calls/module': (server) => remains + loaders.module(server) + people + calls,
};

export class AppSite {
  #pipit;
  #http;
  #more;
  origin;

  // `more` are pages that other tests have: by their path, what makes their scripts of the server's origin.
  static async start(pipit, more = {}) {
    const site = new AppSite();
    site.#more = more;
    const { tls } = pipit;
    const answer = (request, response) => site.#answer(new URL(request.url, site.origin), response);
    site.#pipit = pipit;
    site.#http = tls
      ? createHttpsServer({ cert: tls.certificate, key: readFileSync(tls.keyFile) }, answer)
      : createHttpServer(answer);
    await new Promise((resolve) => site.#http.listen(0, '127.0.0.1', resolve));
    site.origin = `${tls ? 'https' : 'http'}://127.0.0.1:${site.#http.address().port}`;
    return site;
  }

  stop() {
    this.#http.close();
    this.#http.closeAllConnections();
  }

  #answer({ pathname, searchParams }, response) {
    if (pathname === '/token') return response.end(this.#pipit.sign(searchParams.get('user')));
    if (pathname === '/pipit-sw.js') return response.setHeader('Content-Type', 'text/javascript').end(this.#ours(worker));
    if (pathname === '/readme') return response.setHeader('Content-Type', 'text/html').end(`<!doctype html>${this.#ours(snippet)}`);
    if (pathname === '/push/guide') return response.setHeader('Content-Type', 'text/html').end(this.#ours(guidePage));
    const scripts = pages[pathname] ?? this.#more[pathname];
    response.statusCode = scripts || pathname === '/thanks' ? 200 : 404;
    response.setHeader('Content-Type', 'text/html');
    return response.end(scripts ? page(scripts(this.#pipit.origin)) : 'Thank you.');
  }

  // What the documentation says, with the server that there is.
  #ours(lines) {
    return lines.replaceAll(SNIPPET_ORIGIN, this.#pipit.origin);
  }
}
