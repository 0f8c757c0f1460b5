/** Time, as the SDK needs it; tests pass one that they turn themselves. */
export interface Clock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Milliseconds of a clock that never goes back. */
	steady(): number;
	/** Calls back once after the time, in milliseconds; the returned function takes that back. */
	after(ms: number, action: () => void): () => void;
}

/** setTimeout fires at once beyond this. */
const timerMaxMs = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
	now: () => Date.now(),
	steady: () => performance.now(),
	after: (ms, action) => {
		let timer = later(ms);
		function later(left: number): NodeJS.Timeout {
			if (left <= timerMaxMs) return setTimeout(action, left);
			return setTimeout(() => (timer = later(left - timerMaxMs)), timerMaxMs);
		}
		return () => clearTimeout(timer);
	},
};
