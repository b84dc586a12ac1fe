/** The client of the drills: sends mails and remembers which recipients it got a 250 for. */
export { type Answered, TestClient, type TestMail } from '#/drills/kit/index.ts';
