package redis

import (
	"errors"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Server is where a Redis is. The zero value is none.
type Server struct{ options *goredis.Options }

// errAddress repeats nothing of what was given: it may hold a password.
var errAddress = errors.New("want the URL of one Redis: redis://USER:PASSWORD@HOST:6379/0, rediss:// for TLS, or unix:///run/redis.sock; " +
	"special characters of a password are written as %XX")

// ParseServer reads a URL; an empty one is no server.
func ParseServer(url string) (Server, error) {
	if url == "" {
		return Server{}, nil
	}
	options, err := goredis.ParseURL(url)
	if err != nil {
		return Server{}, errAddress
	}
	return Server{options}, nil
}

// Given reports whether there is one.
func (s Server) Given() bool { return s.options != nil }

// String is the address without user and password.
func (s Server) String() string {
	if s.options == nil {
		return ""
	}
	return s.options.Addr
}

// client connects when it is first used. It tries nothing twice and says nothing
// itself: both are the breaker's.
func (s Server) client() *goredis.Client {
	o := *s.options
	o.ContextTimeoutEnabled = true // the breaker's time limits hold
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DialTimeout = usual.connect
	if o.PoolSize == 0 { // the URL may say pool_size=
		o.PoolSize = connectionsMax
	}
	o.Protocol = 2
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return goredis.NewClient(&o)
}

// The library logs each failed connection to standard error, in a form of its own.
func init() { logging.Disable() }
