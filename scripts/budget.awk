# The countable budgets of the Rust sources; scripts/budget feeds it the files and adds what is not Rust.
# Reads code line by line as rustfmt lays it out: an item ends where a line closes it at the item's own indentation.

function complain(message) { print FILENAME ":" FNR ": " message; broken++ }
function indentation(text) { match(text, /^ */); return RLENGTH }
function is(pattern) { return FILENAME ~ pattern }

BEGIN {
    error_names = "BadRequest|Unauthorized|PaymentRequired|Forbidden|NotFound|MethodNotAllowed|NotAcceptable|RequestTimeout|" \
        "Conflict|Gone|LengthRequired|PreconditionFailed|PreconditionRequired|PayloadTooLarge|UriTooLong|" \
        "UnsupportedMediaType|ExpectationFailed|UnprocessableEntity|TooManyRequests|InternalServerError|NotImplemented|" \
        "BadGateway|ServiceUnavailable|GatewayTimeout"
    harmless_statuses = "^(CONTINUE|SWITCHING_PROTOCOLS|OK|CREATED|ACCEPTED|NO_CONTENT|PARTIAL_CONTENT|MOVED_PERMANENTLY|" \
        "FOUND|SEE_OTHER|NOT_MODIFIED|TEMPORARY_REDIRECT|PERMANENT_REDIRECT)$"
}

function finish_file() { if (size > 400) print previous ":1: " size " lines without tests, 400 is the budget: split it by idea"; if (size > 400) broken++ }

FNR == 1 {
    finish_file()
    previous = FILENAME; files++
    size = 0; in_test = 0; handler = ""; attribute = 0
    whole_file_is_test = is("/tests?\\.rs$") || is("/tests/")
}
/^#!\[cfg\(test\)\]/ { whole_file_is_test = 1 }
whole_file_is_test { next }

# A test item: from its attribute to the line that ends it.
in_test {
    if (!opened && /;$/ && indentation($0) == depth) in_test = 0
    else if (/\{$/ && indentation($0) == depth) opened = 1
    else if (/^ *\}/ && indentation($0) == depth) in_test = 0
    next
}
/^ *#\[cfg\(test\)\]$/ { in_test = 1; opened = 0; depth = indentation($0); next }

{ size++; code = $0; sub(/\/\/.*/, "", code) }

# Handlers: the lines between the one that opens the function's body and the one that closes it.
code ~ /^ *#\[(get|post|put|patch|delete|head)\(/ { attribute = 1 }
attribute && code ~ /fn [a-z_0-9]+/ {
    match(code, /fn [a-z_0-9]+/); handler = substr(code, RSTART + 3, RLENGTH - 3)
    attribute = 0; body = -1; handler_depth = indentation(code)
}
handler != "" {
    if (code ~ /^ *\}/ && indentation(code) == handler_depth && body >= 0) {
        if (body > 15) complain("handler " handler " has " body " lines, 15 is the budget: the rule belongs to the domain, the query to persistence")
        handler = ""
    } else if (body >= 0) body++
    else if (code ~ /\{$/) body = 0
}

code ~ /cfg(_attr)?\(.*feature *=/ && !is("/vocabulary\\.rs$") { complain("a feature is asked for outside vocabulary.rs: declare the word there with its macros") }

!is("^crates/api/src/problem(\\.rs|/)") {
    rest = code
    while (match(rest, /StatusCode::[A-Z_]+/)) {
        status = substr(rest, RSTART + 12, RLENGTH - 12)
        if (status !~ harmless_statuses) complain("StatusCode::" status " outside problem.rs: return an error, and let problem.rs give it its status")
        rest = substr(rest, RSTART + RLENGTH)
    }
    if (code ~ ("HttpResponse::(" error_names ")\\(|error::Error(" error_names ")\\("))
        complain("an error answer is built outside problem.rs: return an error, and let problem.rs give it its status")
}

is("^crates/") && code ~ /\.begin(_with[a-z_]*)?\(/ {
    if (!is("^crates/persistence/")) complain("a transaction begins outside persistence: use in_tx")
    else if (++begins > 1) complain("a second place begins a transaction: use in_tx")
}
is("^crates/") && !is("^crates/persistence/") && code ~ /Entity::find/ { complain("a query outside persistence: ask the room there, as a viewer") }
is("^crates/domain/") && code ~ /(^|[^a-z_])(sea_orm|actix|actix_web|sqlx|tokio)(::|;|$| )/ { complain("the domain names a framework: keep input and output in persistence or api") }
is("^crates/api/") && !is("^crates/api/src/(caller|worker|cli|demo)(\\.rs|/)") && !is("/worker\\.rs$") && code ~ /unscoped_/ {
    complain("an unscoped_ query outside sign-in, workers, cli and demo: ask as a viewer")
}

code ~ /\.unwrap\(\)/ { complain("unwrap() outside tests: return the error, or match on what can be absent") }
code ~ /\.expect\(/ { complain("expect() outside tests: return the error, or match on what can be absent") }
code ~ /(^|[^a-z_])(todo|unimplemented|dbg)!/ { complain("unfinished code: finish it or take it out") }
code ~ /#!?\[allow\(/ { complain("#[allow]: write #[expect(lint, reason = \"...\")]") }

END { finish_file(); printf "budget: %d Rust files, %d complaints\n", files, broken; exit (broken > 0) }
