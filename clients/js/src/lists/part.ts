// The part of the SDK that lists, a bundle of its own.
import type { AskLink } from '../link.js';
import type { ListPart } from './link.js';
import { Pages } from './pages.js';
import { toQuery } from './query.js';
import { checkFetchOptions, checkParams, checkWatch, inGroup, readParams } from './questions.js';
import { Watches } from './watches.js';

export function start(link: AskLink): ListPart {
  const pages = new Pages(
    (list, question) => link.ask(list, question, () => ({ path: `${list}${toQuery(question)}` })),
    (ms) => link.wait(ms),
  );
  return {
    async fetch(list, given, isForm, fetchOptions, joined) {
      const fetch = checkFetchOptions(fetchOptions);
      const params = checkParams(list, isForm ? readParams(given as Record<string, unknown>) : given);
      const { progress } = fetch;
      if (progress !== undefined) fetch.progress = (loaded) => link.callOut(() => progress(loaded));
      return pages.fetch(list, inGroup(list, params, joined), fetch);
    },
    watchQuestion: (list, params, options, joined) => inGroup(list, checkWatch(list, params, options), joined),
    startWatches: (nextId, effect) => new Watches(nextId, effect),
  };
}
