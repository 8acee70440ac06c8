package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var (
	inURL     = regexp.MustCompile(`^[a-zA-Z0-9+.-]+://[^:/?#]*:(.*)@`) // up to the last @, also in a URL that is not one
	inKeyword = regexp.MustCompile(`(?i)(?:password|passwd)\s*=\s*(?:'((?:[^'\\]|\\.)*)'?|([^\s&#]+))`)
)

// secretsIn returns the passwords in the address of a database, also in one that cannot be parsed.
func secretsIn(address string) (secrets []string) {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		password, _ := u.User.Password()
		secrets = append(secrets, password)
	}
	for _, match := range inURL.FindAllStringSubmatch(address, -1) {
		secrets = append(secrets, match[1])
	}
	for _, match := range inKeyword.FindAllStringSubmatch(address, -1) {
		secrets = append(secrets, match[1], match[2])
	}
	for _, s := range slices.Clone(secrets) {
		if decoded, err := url.QueryUnescape(s); err == nil {
			secrets = append(secrets, decoded)
		}
		if decoded, err := url.PathUnescape(s); err == nil {
			secrets = append(secrets, decoded)
		}
		secrets = append(secrets, strings.NewReplacer(`\'`, `'`, `\\`, `\`).Replace(s))
	}
	return secrets
}

// parse parses the address of a database. If it holds a password, the error does not give the reason, which may quote a part of it.
func parse(address string, secrets []string) (*pgx.ConnConfig, error) {
	const form = "the address of the database must be postgres://user:password@host:port/database, or keywords and values such as host=… user=…"
	if match := inURL.FindStringSubmatch(address); match != nil {
		u, err := url.Parse(address)
		password, decoding := url.PathUnescape(match[1])
		if err != nil || decoding != nil || u.User == nil || !isPassword(u.User, password) {
			return nil, errors.New(form + "; in the password, characters such as @, /, # and % are written as %40, %2F, %23 and %25")
		}
	}
	config, err := pgx.ParseConfig(address)
	if err != nil && slices.ContainsFunc(secrets, func(s string) bool { return s != "" }) {
		return nil, errors.New(form + "; what is wrong is not shown, because it may hold a part of the password")
	}
	return config, err
}

func isPassword(user *url.Userinfo, password string) bool {
	p, _ := user.Password()
	return p == password
}

// mask replaces every secret in a text by ***.
func mask(text string, secrets []string) string {
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return s == "" })
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, "***")
	}
	return text
}

// masked is an error whose text holds no secret. It does not give access to its cause, whose text may hold one.
type masked struct {
	text  string
	cause error
}

func (m masked) Error() string { return m.text }

// Is reports whether the cause is target.
func (m masked) Is(target error) bool { return errors.Is(m.cause, target) }

// explain masks the secrets of an error and says what to do about it.
func (x *Index) explain(err error) error {
	if err == nil {
		return nil
	}
	return masked{mask(err.Error()+x.hint(err), x.secrets), err}
}

// hint returns what to do about an error of the server, in brackets.
func (x *Index) hint(err error) string {
	var at *pgconn.PgError
	if !errors.As(err, &at) {
		return ""
	}
	switch at.Code {
	case "57014": // query_canceled
		if strings.Contains(at.Message, "timeout") {
			return fmt.Sprintf(" (the time limit of a statement is %v: -timeout)", x.o.Timeout.Round(time.Millisecond))
		}
	case "42501": // insufficient_privilege
		return " (the role needs SELECT on the table and USAGE on its schema, and no other right)"
	case "25006": // read_only_sql_transaction
		return " (the audit writes nothing)"
	}
	return ""
}

// interrupted returns the error of ctx if it has ended, because a cancelled statement has another one.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return err
}
