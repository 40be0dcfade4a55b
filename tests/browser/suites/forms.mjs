// Real forms, filled in and submitted by a real click.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';

const EVERY_FIELD = `
  <input name="text" value="tea &amp; &quot;biscuits&quot; 🫖">
  <input name="empty">
  <input name="hidden" type="hidden" value="h">
  <textarea name="area">two\nlines</textarea>
  <input name="number" type="number" step="any" value="-1.5"> <input name="noNumber" type="number">
  <input name="range" type="range" min="0" max="10" value="7">
  <input name="date" type="date" value="2024-02-29">
  <input name="on" type="checkbox" checked> <input name="off" type="checkbox">
  <input name="valued" type="checkbox" value="yes" checked> <input name="unvalued" type="checkbox" value="yes">
  <input name="many" type="checkbox" value="a" checked> <input name="many" type="checkbox" value="b"> <input name="many" type="checkbox" value="c" checked>
  <input name="radio" type="radio" value="x"> <input name="radio" type="radio" value="y" checked> <input name="noRadio" type="radio" value="x">
  <select name="one"><option>p</option><option selected>q</option></select>
  <select name="several" multiple><option selected>p</option><option>q</option><option selected>r</option></select>
  <input name="twice" value="1"> <input name="twice" value="2">
  <input name="place[city]" value="Wien"> <input name="place[geo][lat]" type="number" step="any" value="48.2">
  <input name="list[1]" value="second"> <input name="list[0]" value="first">
  <input name="tags[]" value="t"> <input name="tags[]" value="u">
  <input name="__proto__[polluted]" value="1">
  <input name="disabled" value="d" disabled> <fieldset disabled><input name="inDisabled" value="d"></fieldset>
  <input name="elements" value="e"> <input value="nameless"> <input name="file" type="file">
  <button name="how" value="loudly">Send</button> <button name="how" value="quietly">Whisper</button>`;

const COMMON = {
  text: 'tea & "biscuits" 🫖',
  empty: '',
  hidden: 'h',
  area: 'two\nlines',
  date: '2024-02-29',
  valued: 'yes',
  many: ['a', 'c'],
  radio: 'y',
  one: 'q',
  several: ['p', 'r'],
  twice: ['1', '2'],
  list: ['first', 'second'],
  tags: ['t', 'u'],
  elements: 'e',
};
const FROM_FORM = {
  ...COMMON,
  number: -1.5,
  noNumber: null,
  range: 7,
  on: true,
  off: false,
  place: { city: 'Wien', geo: { lat: 48.2 } },
};
// A FormData holds text only.
const FROM_FORM_DATA = {
  ...COMMON,
  number: '-1.5',
  noNumber: '',
  range: '7',
  on: 'on',
  place: { city: 'Wien', geo: { lat: '48.2' } },
};

export function forms({ inPage, openTab, page }) {
  const show = (html) => inPage((content) => void (document.querySelector('main').innerHTML = content), html);
  // Ann is connected and in "tea"; a form's submit is given to `call`, which settles into `window.outcome`.
  const onSubmit = (call) =>
    inPage(async (name) => {
      [window.ann] = await people.connect('Ann');
      await window.ann.join('tea');
      window.outcome = new Promise((resolve) => {
        document.querySelector('form').addEventListener('submit', (event) => {
          const { pipit } = window.ann;
          const done = name === 'post' ? pipit.postRealtime(event, 'tea') : pipit.joinRealtime(event);
          const prevented = event.defaultPrevented;
          done.then(
            (answer) => resolve({ answer, prevented }),
            ({ code, message }) => resolve({ code, message, prevented }),
          );
        });
      });
    }, call);
  const outcome = () => inPage(() => window.outcome);

  describe('forms', () => {
    beforeEach(() => page().bringToFront());

    test('a submit event posts what is in the form, with the button that was pressed', async () => {
      await show(`<form>${EVERY_FIELD}</form>`);
      await onSubmit('post');
      await page().click('button[value=loudly]');
      const { answer, prevented } = await outcome();
      const heard = await inPage(() => window.ann.first('message'));
      assert.deepEqual([answer, prevented], [{ type: 'success', message: 'Message sent.' }, true]);
      assert.deepEqual(heard.message, { ...FROM_FORM, how: 'loudly' });
      assert.equal(await inPage(() => ({}).polluted ?? 'clean'), 'clean');
    });

    test('a form element and a FormData post their content', async () => {
      await show(`<form>${EVERY_FIELD}</form>`);
      const messages = await inPage(async () => {
        const [ann] = await people.connect('Ann');
        await ann.join('tea');
        const form = document.querySelector('form');
        const data = new FormData(form);
        data.delete('file');
        await ann.post(form, 'tea');
        await ann.post(data, 'tea');
        await ann.post('last', 'tea');
        await ann.heard('last');
        return ann.told.slice(1, 3).map(({ message }) => message);
      });
      assert.deepEqual(messages, [FROM_FORM, FROM_FORM_DATA]);
    });

    test('a file is refused by its name', async () => {
      await show('<form><input name="photo" type="file"><button>Send</button></form>');
      const refused = await inPage(async () => {
        const [ann] = await people.connect('Ann');
        const data = new FormData();
        data.append('photo', new File(['x'], 'x.png'));
        return refusal(() => ann.post(data, ann.user));
      });
      assert.equal(refused.code, 'INVALID_PARAMETER');
      assert.match(refused.message, /^"photo" is a file/);
    });

    test('joining takes a form, too', async () => {
      await show('<form><input name="group" value="coffee"><button>Join</button></form>');
      await onSubmit('join');
      await page().click('button');
      assert.deepEqual(await outcome(), {
        answer: { type: 'success', message: 'Joined realtime message group: "coffee".' },
        prevented: true,
      });
    });

    test('a form with an action goes there after success, and stays when refused', async () => {
      const tab = await openTab();
      const connectAndListen = async () => {
        document.querySelector('main').innerHTML = '<form action="/thanks"><input name="a" value="1"><button>Send</button></form>';
        const [ann] = await people.connect('Ann');
        window.refusals = new Promise((resolve) => {
          document.querySelector('form').addEventListener('submit', (event) => ann.post(event, 'thanks').catch(resolve));
        });
        window.joinThanks = () => ann.join('thanks');
      };
      await tab.evaluate(connectAndListen);
      await tab.click('button');
      assert.equal(await tab.evaluate(() => window.refusals.then(({ reason }) => reason)), 'not_joined');
      const stayedAt = tab.url();
      await tab.evaluate(() => window.joinThanks());
      await Promise.all([tab.waitForNavigation(), tab.click('button')]);
      const wentTo = new URL(tab.url());
      await tab.close();
      assert.doesNotMatch(stayedAt, /thanks/);
      assert.deepEqual([wentTo.pathname, wentTo.search], ['/thanks', '']);
    });
  });
}
