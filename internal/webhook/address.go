package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ErrForbidden is given for an address inside a private network, or any other that is
// not of the public internet.
var ErrForbidden = errors.New("the address is not public")

// special are the blocks within the unicast space that are not of the public internet,
// beside those that netip knows.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var publicV6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// Public reports whether an address belongs to the public internet. Forms of IPv6 that
// carry an IPv4 address are not public whatever they carry: nobody needs them, and some
// lead inside.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	if a.Is6() && !publicV6.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

const resolveTime = 2 * time.Second

// CheckHost reports ErrForbidden for a host that is, or at present resolves to, an
// address that is not public. A name that does not resolve now may do so later: the
// address is looked at again whenever a connection is made.
func CheckHost(ctx context.Context, host string) error {
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return ErrForbidden
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return publicOnly(a)
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil
	}
	for _, a := range found {
		if err := publicOnly(a); err != nil {
			return err
		}
	}
	return nil
}

func publicOnly(a netip.Addr) error {
	if !Public(a) {
		return ErrForbidden
	}
	return nil
}

// guard is a net.Dialer's Control: it sees the address that is about to be connected to.
func guard(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	return publicOnly(at.Addr())
}

// URLBytesMax is how long the URL of an endpoint may be.
const URLBytesMax = 2048

// ParseURL reads the URL of an endpoint: absolute, http or https, with a host, without
// user info and fragment.
func ParseURL(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || len(text) > URLBytesMax || u.User != nil || strings.Contains(text, "#") || u.Hostname() == "" {
		return nil, false
	}
	if u.Scheme != "http" && u.Scheme != "https" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, false
	}
	return u, true
}
