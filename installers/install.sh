#!/bin/sh
# Installs xlkijiji for the person who starts this, on a Mac or on Linux. Needs no administrator, and changes nothing
# outside of that person's folders. Start it by a double click, or from a terminal. It can be started again at any time:
# that repairs, or updates, what is there.
#
# The tools and the locked list of packages are in the folder "parts" beside it. What is installed lies in one folder
# ("program", below), which "Uninstall xlkijiji" removes again.
set -eu

UV_VERSION=0.13.9
PYTHON_VERSION=3.12.16
UV_SHA256_MAC_ARM=66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63
UV_SHA256_MAC_INTEL=c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5
UV_SHA256_LINUX_INTEL=d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19
UV_SHA256_LINUX_ARM=ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375

new= before= # set where they are known; never those of the environment
here=$(cd "$(dirname "$0")" && pwd)
parts=$here/parts

# the language of the system's menus, found as xlkijiji/system_language.py does
speaks=${LANGUAGE:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}
if [ "$(uname -s)" = Darwin ] && mac=$(defaults read -g AppleLocale 2>/dev/null); then speaks=$mac; fi
case $speaks in
    fr | fr[-_.:@]*) language=fr ;;
    *) language=en ;;
esac

tell() { # tell KEY: its sentence, which make_release.py takes from the catalogues
    case $language:$1 in
        # @sentences@
    esac
}

finish() { # finish CODE: keep the window open, where a double click opened one
    if [ -t 0 ] && [ -t 1 ] && [ -z "${XLKIJIJI_NO_WAIT:-}" ]; then
        printf '\n'
        tell installer-close
        read -r _ || true
    fi
    exit "$1"
}

give_up() { # give_up [KEY]: the sentence says what failed; none where that was said already
    if [ -n "${1:-}" ]; then
        printf '\n' >&2
        tell "$1" >&2
    fi
    tell installer-not-installed
    [ -z "$new" ] || rm -rf "$new"
    [ -z "$before" ] || tell installer-as-before
    finish 1
}

take_back() { # put what was there before into its place again, if anything was
    [ -d "$program/venv.old" ] || return 0
    rm -rf "$program/venv"
    mv "$program/venv.old" "$program/venv"
}

system="$(uname -s), $(uname -m)"
case "$(uname -s)/$(uname -m)" in
    Darwin/arm64) wheel=uv-$UV_VERSION-py3-none-macosx_11_0_arm64.whl sha256=$UV_SHA256_MAC_ARM ;;
    Darwin/x86_64) wheel=uv-$UV_VERSION-py3-none-macosx_10_12_x86_64.whl sha256=$UV_SHA256_MAC_INTEL ;;
    Linux/x86_64) wheel=uv-$UV_VERSION-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl sha256=$UV_SHA256_LINUX_INTEL ;;
    Linux/aarch64) wheel=uv-$UV_VERSION-py3-none-manylinux_2_28_aarch64.whl sha256=$UV_SHA256_LINUX_ARM ;;
    *) give_up installer-other-system ;;
esac

if [ "$(uname -s)" = Darwin ]; then
    program=$HOME/.xlkijiji/program # xlwings wants a Python in a folder without blanks on a Mac
else
    program=${XDG_DATA_HOME:-$HOME/.local/share}/xlkijiji/program
fi
case $program in
    *[\"\$\`\\\|]*) give_up installer-folder-name ;;
esac

# Excel and Calc see the environment of neither this window nor a Python project
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
# the system's own list of certificates, to which a company may have added its own
export UV_NO_CONFIG=1 UV_NO_PROGRESS=1 UV_SYSTEM_CERTS=1 UV_CACHE_DIR="$program/cache" UV_PYTHON_INSTALL_DIR="$program/python"

sum_of() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1; }

tell installer-begins
tell installer-minutes

[ -f "$parts/requirements.txt" ] && [ -f "$parts/$wheel" ] || give_up installer-unpack
own=
for file in "$parts"/xlkijiji-*-py3-none-any.whl; do
    [ -f "$file" ] && own=$file
done
[ -n "$own" ] || give_up installer-unpack
[ "$(sum_of "$parts/$wheel")" = "$sha256" ] || give_up installer-damaged

if [ "$(uname -s)" = Linux ]; then
    # LibreOffice's bridge belongs to the system's Python, so that one is used
    python=${XLKIJIJI_PYTHON:-/usr/bin/python3}
    need=
    command -v soffice >/dev/null || need="$need libreoffice-calc"
    "$python" -c 'import uno' 2>/dev/null || need="$need python3-uno"
    need=${need# }
    [ -z "$need" ] || give_up installer-needs-calc
    version=$("$python" --version)
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || give_up installer-old-python
fi

tell installer-tools
uv=$program/tools/uv
unpack() { unzip -q "$parts/$wheel" -d "$uv.new" 2>/dev/null || /usr/bin/python3 -m zipfile -e "$parts/$wheel" "$uv.new"; }
mkdir -p "$program/tools" && rm -rf "$uv.new" && mkdir "$uv.new" && unpack &&
    mv -f "$uv.new/uv-$UV_VERSION.data/scripts/uv" "$uv" && chmod 755 "$uv" || give_up installer-no-tools
rm -rf "$uv.new"

tell installer-python
if [ "$(uname -s)" = Darwin ]; then
    "$uv" python install --quiet --no-bin "$PYTHON_VERSION" || give_up installer-no-internet
    python=$PYTHON_VERSION
fi
# New and old packages are never mixed: the environment is made anew each time, beside the one in use, which stays until
# the new one works. It is renamed then, so nothing in it may know where it lies: relocatable.
[ -d "$program/venv" ] || [ ! -d "$program/venv.old" ] || mv "$program/venv.old" "$program/venv" # an exchange that was cut short
[ ! -d "$program/venv" ] || before=yes
new=$program/venv.new
rm -rf "$new"
"$uv" venv --quiet --clear --relocatable --python "$python" "$new" || give_up installer-in-use

tell installer-packages
# a package that had to be built would fetch what builds it, without checksums
"$uv" pip install --quiet --python "$new/bin/python" --only-binary :all: --require-hashes --requirement "$parts/requirements.txt" ||
    give_up installer-no-internet
"$uv" pip install --quiet --python "$new/bin/python" --no-deps "$own" || give_up installer-in-use
rm -rf "$program/cache"
"$new/bin/python" -m xlkijiji version >/dev/null || give_up installer-in-use
"$new/bin/python" -m xlkijiji busy || give_up # it says itself why
rm -rf "$program/venv.old"
[ ! -d "$program/venv" ] || mv "$program/venv" "$program/venv.old" || give_up installer-in-use
mv "$new" "$program/venv" || { take_back; give_up installer-in-use; }

tell installer-workbook
"$program/venv/bin/python" -m xlkijiji install || { take_back; give_up installer-not-set-up; }
rm -rf "$program/venv.old"

printf '\n'
tell installer-done
finish 0
