/** The throwaway installation that drills use, by the name that tests know it by. */
export {
  type Answer,
  eventually,
  Installation as Holdfast,
  type InstallationOptions as HoldfastOptions,
  kill,
  pause,
} from '#/drills/kit/index.ts';
