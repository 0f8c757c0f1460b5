/**
 * The signals of callers: one listener per signal, however many calls share it, and
 * none when the last of them has ended. (Node warns about more than ten.)
 */
export class Signals {
	private readonly followed = new Map<AbortSignal, Set<() => void>>();

	/** Calls back when the signal is aborted; the returned function takes that back. */
	follow(signal: AbortSignal | undefined, action: () => void): () => void {
		if (!signal) return () => undefined;
		const actions = this.followed.get(signal) ?? this.listen(signal);
		const own = (): void => action();
		actions.add(own);
		return () => {
			actions.delete(own);
			if (actions.size === 0) this.leave(signal, actions);
		};
	}

	private listen(signal: AbortSignal): Set<() => void> {
		const actions = new Set<() => void>();
		this.followed.set(signal, actions);
		signal.addEventListener("abort", this.heard);
		return actions;
	}

	private leave(signal: AbortSignal, actions: Set<() => void>): void {
		if (this.followed.get(signal) !== actions) return;
		this.followed.delete(signal);
		signal.removeEventListener("abort", this.heard);
	}

	private readonly heard = (event: Event): void => {
		for (const action of [...(this.followed.get(event.target as AbortSignal) ?? [])]) action();
	};
}
