// What a call carries, between any two browsers: pictures, sound, messages and files; directly and over a relay.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { AppSite } from '../support/app_site.mjs';
import { closeCallers, connect, hangUp, onBoth, openCaller } from '../support/caller.mjs';
import { Coturn } from '../support/coturn.mjs';
import { Server } from '../support/server.mjs';

const PAIRINGS = ['chromium', 'firefox'].flatMap((ann) => ['chromium', 'firefox'].map((ben) => [ann, ben]));
const FILE_BYTES = 20_000_000;
const CHANNELS = ['text-chat', 'video-chat', 'voice-chat', 'gaming', 'mine'];

export function callsMedia({ browsers, site }) {
  for (const [from, to] of PAIRINGS) {
    test(`from ${from} to ${to}: pictures, sound, every channel and a file of 20 MB arrive`, async () => {
      const ann = await openCaller(browsers().ann[from], site());
      const ben = await openCaller(browsers().ben[to], site(), { bundle: 'module' });
      await connect(ann, ben, { media: 'CAMERA' });
      await onBoth([ann, ben], () => flows());

      await onBoth([ann, ben], () => void (window.stopTalking = talk()));
      const hear = (side, other) => side.evaluate((user) => heardFrom(user), other.user);
      const heard = await Promise.all([hear(ann, ben), hear(ben, ann)]);
      await onBoth([ann, ben], () => window.stopTalking());
      assert.deepEqual(heard, [CHANNELS, CHANNELS]);

      const [sent, arrived] = await Promise.all([
        ann.evaluate((size) => sendFile(size), FILE_BYTES),
        ben.evaluate((size) => receiveFile(size), FILE_BYTES),
      ]);
      assert.equal(arrived, sent);

      const paths = await onBoth([ann, ben], () => path());
      assert.ok(!paths.flat().includes('relay'), paths.join());
      await hangUp(ann, ben);
      await closeCallers(ann, ben);
    });
  }

  describe('over a relay', () => {
    let coturn;
    let server;
    let relaySite;
    before(async () => {
      coturn = await Coturn.start();
      server = await Server.start('ws', { 'calls.allow': 'everyone', 'turn.urls': [coturn.url], 'turn.secret_file': coturn.secretFile });
      relaySite = await AppSite.start(server);
    });
    after(async () => {
      relaySite?.stop();
      await server?.stop();
      await coturn?.stop();
    });

    for (const [from, to] of [['chromium', 'firefox'], ['firefox', 'chromium']]) {
      test(`from ${from} to ${to}: with the server's credentials pictures and sound arrive`, async () => {
        const ann = await openCaller(browsers().ann[from], relaySite);
        const ben = await openCaller(browsers().ben[to], relaySite);
        await connect(ann, ben, { media: 'CAMERA', ice: { iceTransportPolicy: 'relay' } });
        await onBoth([ann, ben], () => flows());
        const paths = await onBoth([ann, ben], () => path());
        assert.deepEqual(paths, [['relay', 'relay'], ['relay', 'relay']]);
        await hangUp(ann, ben);
        await closeCallers(ann, ben);
      });
    }

    for (const name of ['chromium', 'firefox']) {
      test(`${name} gets no relay with credentials that are forged or have run out`, async () => {
        const ann = await openCaller(browsers().ann[name], relaySite);
        const credentials = (secret, expires) => {
          const username = `${Math.floor(Date.now() / 1000) + expires}:${ann.user}`;
          return [{ urls: [coturn.url], username, credential: createHmac('sha1', secret).update(username).digest('base64') }];
        };
        const found = {};
        for (const [kind, servers] of Object.entries({
          good: credentials(coturn.secret, 600),
          forged: credentials('guessed', 600),
          expired: credentials(coturn.secret, -600),
        })) {
          found[kind] = await ann.evaluate((given) => relayCandidates(given), servers);
        }
        await ann.evaluate(() => me.pipit.closeRealtime());
        await ann.close();
        assert.deepEqual(found, { good: ['relay'], forged: [], expired: [] });
      });
    }
  });
}
