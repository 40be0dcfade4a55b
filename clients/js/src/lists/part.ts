// The part of the SDK that lists, a bundle of its own.
import { HttpQuestions } from '../http.js';
import type { AskLink, HttpAsker, HttpLink } from '../link.js';
import type { ListPart } from './link.js';
import { messagesOf } from './history.js';
import { Pages } from './pages.js';
import { toQuery } from './query.js';
import { checkFetchOptions, checkHistory, checkParams, checkWatch, inGroup, readParams } from './questions.js';
import { Watches } from './watches.js';

/** The name of the button that submitted a form. */
const submitterOf = (form: unknown) => ((form as SubmitEvent).submitter as HTMLButtonElement | null | undefined)?.name;

export const startHttp = (link: HttpLink): HttpAsker => new HttpQuestions(link);

export function start(link: AskLink): ListPart {
  const pages = new Pages(
    (list, question) => link.ask(list, question, () => ({ path: `${list}${toQuery(question)}` })),
    (ms) => link.wait(ms),
  );
  return {
    async fetch(list, given, form, fetchOptions, joined) {
      const params = form === undefined ? given : readParams(list, given as Record<string, unknown>, submitterOf(form));
      const { question, fetch } =
        list === 'history'
          ? checkHistory(params, fetchOptions)
          : { fetch: checkFetchOptions(fetchOptions), question: checkParams(list, params) };
      const { progress } = fetch;
      if (progress !== undefined) fetch.progress = (loaded) => link.callOut(() => progress(loaded));
      const about = inGroup(list, question, joined);
      const page = await pages.fetch(list, about, fetch);
      return list === 'history' ? { ...page, list: messagesOf(page.list, about.group as string, link.wallMs()) } : page;
    },
    watchQuestion: (list, params, options, joined) => inGroup(list, checkWatch(list, params, options), joined),
    startWatches: (nextId, effect) => new Watches(nextId, effect),
  };
}
