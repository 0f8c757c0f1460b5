package juicer

import "context"

// Resume says what became of the write that was sent with a key: for a program that
// crashed, or an error whose outcome is unknown. A NotFoundError means that nothing has
// begun under this key; it may still be on its way, so send it again with the same key
// rather than giving it up.
func (c *Client) Resume(ctx context.Context, key string, options ...Option) (*Result[IdempotencyKey], error) {
	return c.IdempotencyKeys.Get(ctx, key, options...)
}
