package wire

// Limits of what callers may send, in the units the names say.
const (
	depthMax          = 32      // containers inside one another, the body itself counted
	valuesMax         = 250_000 // in one body: as many as a full batch with full metadata can have
	differsMax        = 100     // paths that Differs names
	breachesMax       = 5_000   // fields one refusal names: ten for each of 500 bulk items
	queryBreachesMax  = 100     // parameters one refusal names
	pathBytesMax      = 255     // of a path shown to people; longer names are cut off
	timeCharactersMax = 64      // of a timestamp with all its digits of fraction
	plainDigitsMax    = 40      // digits of a whole number that Fingerprint writes out
)

// Lengths in Unicode code points, sizes in bytes.
const (
	ReferenceMax     = 50
	PersonNameMax    = 100
	EmailMax         = 254
	URLMax           = 2048
	MetadataBytesMax = 10 << 10
)

// Pages and lists in query strings.
const (
	PageSizeDefault = 15
	PageSizeMax     = 100
	CommaListMax    = 100 // entries of a comma list
	cursorIDMax     = 64  // bytes of the id inside a cursor
)
