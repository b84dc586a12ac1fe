/** The hop that drills deliver to, by the name that tests know it by. */
export {
  GENTLE,
  type HopTemper as SinkTemper,
  type ScriptedHop as Sink,
  startHop as startSink,
} from '#/drills/kit/index.ts';
