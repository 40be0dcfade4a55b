// Searches that come from real forms, submitted by a real click.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';

const FORM = `<form>
  <select name="searchFor"><option value="group">Name</option><option value="number_of_users">Number</option></select>
  <select name="condition"><option value="">is</option><option value="&gt;=">at least</option></select>
  <input name="value"> <input name="range" type="number">
  <button>Search</button></form>`;
const TOWN = { chess: 1, tea: 2, 'tea room': 3 };

export function listingForms({ inPage, openTab, page }) {
  // A search form in a town of groups; what a submit finds comes into `window.found`.
  const show = (html = FORM) =>
    inPage(
      async (content, town) => {
        document.querySelector('main').innerHTML = content;
        await people.fill(town);
        [window.eve] = await people.connect('Eve');
        window.groupsOf = ({ list }) => list.map(({ group }) => group);
        document.querySelector('form').addEventListener('submit', (event) => {
          const going = window.eve.pipit.getRealtimeGroups(event).then(window.groupsOf, ({ code, message }) => ({ code, message }));
          window.found = going.then((result) => ({ result, prevented: event.defaultPrevented }));
        });
      },
      html,
      TOWN,
    );
  const fill = (values) =>
    inPage((fields) => {
      const { elements } = document.querySelector('form');
      for (const [name, value] of Object.entries(fields)) elements[name].value = value;
    }, values);
  const found = async () => {
    await page().click('main button');
    return inPage(() => window.found);
  };

  describe('forms that search', () => {
    beforeEach(() => page().bringToFront());

    test('list everything while nothing is filled in, whatever is selected', async () => {
      await show();
      const all = await found();
      await fill({ condition: '>=', range: 3 });
      assert.deepEqual([all, await found()], Array(2).fill({ result: Object.keys(TOWN), prevented: true }));
    });

    test('find a name and what begins with it', async () => {
      await show();
      await fill({ value: 'tea' });
      const named = await found();
      await fill({ condition: '>=' });
      assert.deepEqual([named.result, (await found()).result], [['tea'], ['tea', 'tea room']]);
    });

    test('find a number that was written into a text field, and a range in a number field', async () => {
      await show();
      await fill({ searchFor: 'number_of_users', value: '2' });
      const two = await found();
      await fill({ value: '1', range: 2 });
      assert.deepEqual([two.result, (await found()).result], [['tea'], ['chess', 'tea']]);
    });

    test('say what is wrong with a field', async () => {
      await show();
      await fill({ searchFor: 'number_of_users', value: 'many' });
      const { result } = await found();
      assert.equal(result.code, 'INVALID_PARAMETER');
      assert.match(result.message, /^"value" must be a number/);
    });

    test('mean the same as an element, as a FormData and as an object', async () => {
      await show();
      await fill({ value: 'tea', condition: '>=' });
      const results = await inPage(async () => {
        const form = document.querySelector('form');
        const inputs = [form, new FormData(form), { searchFor: 'group', value: 'tea', condition: '>=' }];
        const options = { limit: 1, fetchMore: true };
        const groups = [];
        for (const input of inputs) groups.push(...window.groupsOf(await window.eve.pipit.getRealtimeGroups(input, options)));
        return groups;
      });
      assert.deepEqual(results, ['tea', 'tea room']);
    });

    test('find members', async () => {
      await show('<form><input name="group" value="tea"><input name="user_id"><button>Search</button></form>');
      const [all, one] = await inPage(async () => {
        const { pipit } = window.eve;
        const form = document.querySelector('form');
        const { list } = await pipit.getRealtimeUsers(form);
        form.elements.user_id.value = list[1].user_id;
        return [list, (await pipit.getRealtimeUsers(form)).list];
      });
      assert.equal(all.length, TOWN.tea);
      assert.deepEqual(one, all.slice(1));
    });

    test('are none the worse for a button with a name, unless it is a member’s', async () => {
      await show(`<form><input name="searchFor" value="group"><input name="value" value="tea">
        <button name="go" value="now">Search</button><button id="more" name="condition" value="&gt;=">Begins with</button></form>`);
      const named = await found();
      await page().click('#more');
      assert.deepEqual([named.result, await inPage(() => window.found.then(({ result }) => result))], [['tea'], ['tea', 'tea room']]);
    });

    test('page through a history, with the number of messages and the place in fields of any type', async () => {
      await inPage(async () => {
        document.querySelector('main').innerHTML = `<form><input name="group" value="${crypto.randomUUID()}">
          <select name="limit"><option>2</option></select>
          <input type="hidden" name="before[epoch]"> <input name="before[offset]"> <button name="go" value="now">Older</button></form>`;
        const form = document.querySelector('form');
        const { elements } = form;
        const [ann] = await people.connect('Ann');
        await ann.join(elements.group.value);
        for (const text of ['one', 'two', 'three', 'four', 'five']) await ann.post(text, elements.group.value);
        window.older = async (input) => {
          const { list, startKey } = await ann.pipit.getRealtimeHistory(input);
          elements['before[epoch]'].value = startKey.epoch;
          elements['before[offset]'].value = startKey.offset;
          return list.map(({ message }) => message);
        };
        form.addEventListener('submit', (event) => (window.found = window.older(event)));
      });
      const pages = [await found(), await inPage(() => window.older(new FormData(document.querySelector('form')))), await found()];
      assert.deepEqual(pages, [['four', 'five'], ['two', 'three'], ['one']]);
    });

    test('go to their action after an answer, and stay when refused', async () => {
      const tab = await openTab();
      await tab.evaluate(() => {
        document.querySelector('main').innerHTML =
          '<form action="/thanks"><input name="searchFor" value="name"><input name="value" value="a"><button>Search</button></form>';
        const { pipit } = new Person();
        window.refusals = new Promise((resolve) => {
          document.querySelector('form').addEventListener('submit', (event) => pipit.getRealtimeGroups(event).catch(resolve));
        });
      });
      await tab.click('button');
      const refused = await tab.evaluate(() => window.refusals.then(({ message }) => message));
      const stayedAt = tab.url();
      await tab.$eval('input', (input) => void (input.value = 'group'));
      await Promise.all([tab.waitForNavigation(), tab.click('button')]);
      const wentTo = new URL(tab.url());
      await tab.close();
      assert.match(refused, /^"searchFor" must be one of/);
      assert.doesNotMatch(stayedAt, /thanks/);
      assert.equal(wentTo.pathname, '/thanks');
    });
  });
}
