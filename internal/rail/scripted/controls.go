package scripted

// executesTwice is the planted fault of the audit: a bank that carries one
// reference out twice. Nothing sets it in production; a check that has never
// seen it proves nothing.
func (b *Bank) executesTwice(ref string) bool {
	return b.cfg.ExecuteTwice != nil && b.cfg.ExecuteTwice(ref)
}
