/// The shell script that stands between the demo and HAProxy, so that neither HAProxy nor the
/// folder outlives the demo, however that ends.
///
/// Its standard input is a pipe whose other end only the demo holds: end of file is the demo's
/// end, be it orderly, a crash or SIGKILL. It lives in a session of its own, so that ctrl-C and a
/// closing terminal reach the demo alone, and it heeds no other signal than SIGKILL.
///
/// Arguments: where to make the folder; HAProxy's binary; its configuration; what to write to
/// standard error at the end. Standard output: the new folder's path, and after HAProxy has ended,
/// what HAProxy said.
enum Guardian {
  static let script = #"""
    trap '' HUP INT QUIT TERM PIPE
    umask 077
    # The shell itself tells of killed jobs on standard error, which may be the user's terminal.
    exec 4>&2 2>/dev/null
    folder=$(mktemp -d "$1/evenkeel-demo.XXXXXX" 2>&1) || { printf '%s\n' "$folder"; exit 1; }
    cd "$folder" || exit 1
    folder=$(pwd -P)
    printf '%s' "$3" >haproxy.cfg
    # Only the one who waits for the demo's end may keep a copy of standard input.
    exec 3<&0 </dev/null
    "$2" -db -f haproxy.cfg >haproxy.log 2>&1 3<&- 4>&- &
    haproxy=$!
    { read -r line <&3; kill -KILL "$haproxy"; } >/dev/null 4>&- &
    watcher=$!
    exec 3<&-
    printf '%s\n' "$folder"
    wait "$haproxy"
    kill -KILL "$watcher"
    wait
    cat haproxy.log
    cd /
    rm -rf -- "$folder"
    printf '%s' "$4" >&4
    """#
}
