# To be sourced: builds engine-steps, and tells OpenBLAS which processor this is, as spicelearn does for itself.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
swift build --package-path "$root/Benchmarks" -c release --product engine-steps >/dev/null
kernels=$("$root/Benchmarks/.build/release/engine-steps" kernels)
[ -z "$kernels" ] || export "${kernels?}"
