package problem

// retryAfter is the wait in whole seconds, rounded up: from the advice, else an hour.
func (e *Error) retryAfter() int64 {
	ms := e.Retry().AfterMS
	if ms == nil {
		return retryAfterNever
	}
	return (*ms + 999) / 1000
}

// retryAfterNever is said where the advice names no time; retry.allowed decides first.
const retryAfterNever = 3600 // seconds
