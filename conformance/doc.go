// Package conformance is a black-box suite: it drives the test environment of
// any Juicer over HTTP and says, sentence by sentence, whether the contract is
// kept. It knows nothing of the server's code.
//
// A run makes its own objects under references of its own, so it can be
// repeated against the same server. It leaves payments, refunds and revoked
// keys behind. It never resets the target, and moves its clock only if told to.
package conformance
