import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeConnection } from '../testing/rtc.js';
import { settled } from '../testing/fakes.js';
import { Negotiation } from './negotiation.js';
import type { Signal } from '../core/wire.js';

/** Two that have agreed already; what they send waits in `sent`. */
async function pair(Connection = FakeConnection) {
  const side = (isPolite: boolean) => {
    const pc = new Connection({});
    const sent: Signal[] = [];
    const logged: string[] = [];
    const negotiation = new Negotiation(pc as unknown as RTCPeerConnection, isPolite, (signal) => void sent.push(signal), (text) => void logged.push(text));
    pc.addEventListener('negotiationneeded', () => negotiation.onNeeded());
    return { pc, sent, logged, negotiation };
  };
  const caller = side(false);
  const callee = side(true);
  const offer = await caller.negotiation.offer();
  const answer = await callee.negotiation.accept(offer, () => {});
  callee.negotiation.start();
  caller.negotiation.start();
  await caller.negotiation.onAnswer(answer);
  const deliver = async (from: typeof caller, to: typeof caller) => {
    for (const signal of from.sent.splice(0)) to.negotiation.onSignal(signal);
    await settled();
  };
  const exchange = async () => {
    await settled();
    while (caller.sent.length + callee.sent.length > 0) {
      await deliver(caller, callee);
      await deliver(callee, caller);
    }
  };
  return { caller, callee, first: offer, deliver, exchange };
}

const candidate = (text: string) => ({ candidate: { candidate: text } });

test('what is no offer and no answer is refused', async () => {
  const negotiation = () => new Negotiation(new FakeConnection({}) as unknown as RTCPeerConnection, true, () => {}, () => {});
  for (const wrong of [undefined, null, 7, {}, { type: 'offer' }, { type: 'rollback', sdp: '' }]) {
    await assert.rejects(negotiation().accept(wrong, () => {}), TypeError);
    await assert.rejects(negotiation().onAnswer(wrong), TypeError);
  }
  await assert.rejects(negotiation().accept({ type: 'answer', sdp: '' }, () => {}), TypeError);
  await assert.rejects(negotiation().onAnswer({ type: 'offer', sdp: '' }), TypeError);
  await assert.rejects(negotiation().accept({ type: 'offer', sdp: 'spoilt' }, () => {}), /spoilt/);
});

test('signals of no use are logged, and those after them heard', async () => {
  const { callee } = await pair();
  for (const wrong of [null, 7, 'x', {}, { description: 1 }, { description: { type: 'offer', sdp: 'spoilt' } }, candidate('spoilt'), candidate('good')]) {
    callee.negotiation.onSignal(wrong);
  }
  await settled();
  assert.deepEqual(callee.pc.candidates, [{ candidate: 'good' }]);
  assert.equal(callee.logged.length, 2);
});

test('a track that is added later is negotiated, by either side', async () => {
  const { caller, callee, exchange } = await pair();
  for (const [one, other] of [[caller, callee], [callee, caller]] as const) {
    one.pc.addTrack('track');
    await exchange();
    assert.deepEqual([one.pc.signalingState, other.pc.signalingState], ['stable', 'stable']);
    assert.equal(one.pc.remoteDescription?.sdp, other.pc.localDescription?.sdp);
  }
});

test('what is added before there is an answer is negotiated after it', async () => {
  const pc = new FakeConnection({});
  const sent: Signal[] = [];
  const negotiation = new Negotiation(pc as unknown as RTCPeerConnection, false, (signal) => void sent.push(signal), () => {});
  pc.addEventListener('negotiationneeded', () => negotiation.onNeeded());
  await negotiation.offer();
  pc.addTrack('late');
  await settled();
  assert.deepEqual(sent, []);
  negotiation.start();
  await negotiation.onAnswer({ type: 'answer', sdp: 'answer' });
  await settled();
  assert.equal(sent.length, 1);
});

test('when both offer at once the polite side gives way, and both offers are answered in the end', async () => {
  const { caller, callee, exchange } = await pair();
  caller.pc.addTrack('a');
  callee.pc.addTrack('b');
  await settled();
  assert.deepEqual([caller, callee].map(({ sent }) => sent.length), [1, 1]);
  const [first] = caller.sent as [{ description: RTCSessionDescriptionInit }];
  await exchange();
  assert.deepEqual([caller.pc.signalingState, callee.pc.signalingState], ['stable', 'stable']);
  // The impolite side's offer was the first to be answered; the polite one has offered again since.
  assert.notEqual(callee.pc.remoteDescription?.sdp, first.description.sdp);
  assert.equal(caller.pc.remoteDescription?.type, 'offer');
  assert.deepEqual([caller.logged, callee.logged], [[], []]);
});

test('candidates of an offer that was ignored are no fault', async () => {
  const { caller, callee, deliver } = await pair();
  caller.pc.addTrack('a');
  callee.pc.addTrack('b');
  await settled();
  callee.sent.push(candidate('spoilt'));
  await deliver(callee, caller);
  assert.deepEqual(caller.logged, []);
});

test('candidates that come before the description wait for it', async () => {
  const pc = new FakeConnection({});
  const negotiation = new Negotiation(pc as unknown as RTCPeerConnection, false, () => {}, () => {});
  await negotiation.offer();
  negotiation.onSignal(candidate('early'));
  negotiation.onSignal({ candidate: null });
  await settled();
  assert.deepEqual(pc.candidates, []);
  await negotiation.onAnswer({ type: 'answer', sdp: 'answer' });
  assert.deepEqual(pc.candidates, [{ candidate: 'early' }, null]);
});

for (const lost of ['offer', 'answer'] as const) {
  test(`an ${lost} that is lost is made good when both hear each other again`, async () => {
    const { caller, callee, deliver, exchange } = await pair();
    caller.pc.addTrack('a');
    await settled();
    if (lost === 'answer') await deliver(caller, callee);
    caller.sent.length = callee.sent.length = 0;
    assert.deepEqual([caller.negotiation.resume(), callee.negotiation.resume()], [true, false]);
    await exchange();
    assert.deepEqual([caller.pc.signalingState, callee.pc.signalingState], ['stable', 'stable']);
    assert.equal(caller.pc.remoteDescription?.sdp, callee.pc.localDescription?.sdp);
  });
}

test('an answer that comes twice is taken once', async () => {
  const { caller, callee, deliver } = await pair();
  caller.pc.addTrack('a');
  await settled();
  caller.negotiation.resume();
  await deliver(caller, callee);
  assert.equal(callee.sent.length, 2);
  await deliver(callee, caller);
  assert.equal(caller.pc.signalingState, 'stable');
  assert.deepEqual(caller.logged, []);
});

test('looking for another way makes a new offer', async () => {
  const { caller, callee, exchange } = await pair();
  caller.negotiation.restart();
  callee.negotiation.restart();
  await exchange();
  assert.deepEqual([caller.pc.signalingState, callee.pc.signalingState, caller.logged, callee.logged], ['stable', 'stable', [], []]);
});

const found = (text: string, usernameFragment?: string) => ({ usernameFragment, toJSON: () => ({ candidate: text }) }) as unknown as RTCIceCandidate;
const candidatesOf = (sent: Signal[]) => sent.flatMap((signal) => ('candidate' in signal ? [signal.candidate?.candidate ?? null] : []));

test('candidates are said at once while there is no way yet, and while nothing is asked of the other side', async () => {
  const pc = new FakeConnection({});
  const sent: Signal[] = [];
  const negotiation = new Negotiation(pc as unknown as RTCPeerConnection, false, (signal) => void sent.push(signal), () => {});
  await negotiation.offer();
  negotiation.onFound(found('first'));
  assert.deepEqual(candidatesOf(sent), ['first']);
  const { caller, callee } = await pair();
  for (const { negotiation, sent } of [caller, callee]) {
    for (const one of [found('late'), null]) negotiation.onFound(one);
    assert.deepEqual(candidatesOf(sent), ['late', null]);
  }
});

test('candidates of another way are said once the other side has answered, and not with the offer that is said again', async () => {
  const { caller, callee, deliver } = await pair();
  caller.negotiation.restart();
  await settled();
  for (const one of [found('another'), null]) caller.negotiation.onFound(one);
  caller.pc.localDescription = { type: 'offer', sdp: `${caller.pc.localDescription?.sdp} a=candidate:another` };
  caller.negotiation.resume();
  const offers = caller.sent.map((signal) => ('description' in signal ? signal.description.sdp : 'a candidate'));
  assert.equal(offers.length, 2);
  assert.equal(offers[0], offers[1]);
  await deliver(caller, callee);
  await deliver(callee, caller);
  assert.deepEqual(candidatesOf(caller.sent), ['another', null]);
});

test('of an offer that was taken back no candidates are said, of what there was before all are', async () => {
  const { caller, callee, deliver } = await pair();
  caller.pc.addTrack('a');
  callee.negotiation.restart();
  await settled();
  // To a connection that is made up, a description is its type and a number, and the name of a way as good as any word of it.
  for (const one of [found('of the offer', 'offer'), found('of the way there is', 'answer')]) callee.negotiation.onFound(one);
  await deliver(caller, callee);
  assert.deepEqual(candidatesOf(callee.sent), ['of the way there is']);
});

test('once agreed on, the parts in DTLS are not up for choice again, whoever offers', async () => {
  class Connection extends FakeConnection {
    override async setLocalDescription() {
      await super.setLocalDescription();
      const { type, sdp } = this.localDescription!;
      const answer = this.remoteDescription?.sdp?.endsWith('a=setup:active') ? 'passive' : 'active';
      this.localDescription = { type, sdp: `${sdp} a=setup:${type === 'offer' ? 'actpass' : answer}` };
    }
  }
  const { caller, callee, first, exchange } = await pair(Connection);
  const offered = [first.sdp];
  for (const side of [caller, callee, caller]) {
    side.negotiation.restart();
    await settled();
    const [signal] = side.sent as [{ description: RTCSessionDescriptionInit }];
    offered.push(signal.description.sdp);
    await exchange();
  }
  assert.deepEqual(offered.map((sdp) => sdp?.split(' a=')[1]), ['setup:actpass', 'setup:passive', 'setup:active', 'setup:passive']);
});

/** Its offers name another way after each restart, and a part of them that all others go with. */
class Gathering extends FakeConnection {
  protected override describe(type: RTCSdpType) {
    return `${super.describe(type)} a=group:BUNDLE m0 m1 a=ice-ufrag:way${type === 'offer' ? this.restarts : 0}.`;
  }
}

const ofPart = (sdpMid: string) => ({ ...found(`of ${sdpMid}`), sdpMid }) as unknown as RTCIceCandidate;
const offersOf = (sent: Signal[]) => sent.filter((signal) => 'description' in signal && signal.description.type === 'offer').length;

for (const last of [ofPart('m0'), null]) {
  test(`an offer of another way waits for a candidate that the other side can use, ${last ? 'and comes with it' : 'but not if there is none'}`, async () => {
    const { caller, exchange } = await pair(Gathering);
    caller.negotiation.restart();
    await settled();
    caller.negotiation.onFound(ofPart('m1'));
    await settled();
    // While it waits there is nothing to be said again, but something under way.
    assert.deepEqual([offersOf(caller.sent), caller.negotiation.resume(), offersOf(caller.sent)], [0, true, 0]);
    caller.negotiation.onFound(last);
    await settled();
    assert.equal(offersOf(caller.sent), 1);
    await exchange();
    assert.equal(caller.pc.signalingState, 'stable');
    caller.pc.addTrack('the same way');
    await settled();
    assert.equal(offersOf(caller.sent), 1);
  });
}

test('an offer that is taken back while it waits is not sent, and made again', async () => {
  const { caller, callee, deliver } = await pair(Gathering);
  callee.negotiation.restart();
  await settled();
  caller.pc.addTrack('a');
  await settled();
  await deliver(caller, callee);
  assert.deepEqual([offersOf(callee.sent), callee.sent.length], [0, 1]);
  await deliver(callee, caller);
  assert.equal(caller.pc.signalingState, 'stable');
  assert.equal(callee.pc.signalingState, 'have-local-offer');
  callee.negotiation.onFound(null);
  await settled();
  assert.deepEqual([offersOf(callee.sent), caller.logged, callee.logged], [1, [], []]);
});
