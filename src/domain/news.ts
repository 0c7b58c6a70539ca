import type { PartnerNews } from './partner-news.js';
import type { SurgeAlert } from './surge-alert.js';

/** What is told to organisations by e-mail, webhook or topic: surges to desks, incidents to partners. */
export type News = SurgeAlert | PartnerNews;

/** News before it is addressed: where it can be acknowledged is not part of what is stored. */
export type UnaddressedNews =
  | Omit<SurgeAlert, 'acknowledgeUrl'>
  | Omit<PartnerNews, 'acknowledgeUrl'>;

/** Whether news is of an incident, for a partner. */
export function isPartnerNews(news: News): news is PartnerNews {
  return 'partner' in news;
}
