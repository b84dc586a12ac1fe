/** The check of My Number (個人番号): the number by which Japan's offices know a person, which may leave a company for few reasons (H1). */
export { myNumber } from './check.ts';
