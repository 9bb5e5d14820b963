@echo off
rem Installs xlkijiji for the person who starts this, on Windows 10 (1803) or newer. Needs no administrator, and changes
rem nothing outside of that person's folders; Excel's macro security stays as it is. It can be started again at any time:
rem that repairs, or updates, what is there.
rem
rem It needs nothing but programs of Windows itself (certutil, tar). The tools and the locked list of packages are in the
rem folder "parts" beside it. What is installed lies in one folder ("program", below), which "Uninstall xlkijiji" removes.
setlocal EnableExtensions DisableDelayedExpansion
title xlkijiji

set UV_VERSION=0.13.9
set PYTHON_VERSION=3.12.16
set UV_SHA256_INTEL=6a44b2ed8111d2f60d2b92627c5dccda3f7ed7570b18ce115e569cd68c28246b
set UV_SHA256_ARM=eeb92051c2123b9730c46b04cc843cfa4bc7d7b0aec56df431a2215ef4cb0273

set "parts=%~dp0parts"
set "program=%LOCALAPPDATA%\xlkijiji\program"
rem set where they are known; never those of the environment
set new=
set before=
set "system=%SystemRoot%\System32"
set "wheel=uv-%UV_VERSION%-py3-none-win_amd64.whl"
set "sha256=%UV_SHA256_INTEL%"
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set "wheel=uv-%UV_VERSION%-py3-none-win_arm64.whl"
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set "sha256=%UV_SHA256_ARM%"

rem Excel sees the environment of neither this window nor a Python project
set PYTHONHOME=
set PYTHONPATH=
set VIRTUAL_ENV=
set UV_NO_CONFIG=1
set UV_NO_PROGRESS=1
rem the system's own list of certificates, to which a company may have added its own
set UV_SYSTEM_CERTS=1
set "UV_CACHE_DIR=%program%\cache"
set "UV_PYTHON_INSTALL_DIR=%program%\python"

echo Installing xlkijiji into "%program%"
echo This takes a few minutes, and needs the internet.

if not exist "%parts%\requirements.txt" goto not_unpacked
if not exist "%parts%\%wheel%" goto not_unpacked
set own=
for /f "delims=" %%f in ('dir /b "%parts%\xlkijiji-*-py3-none-any.whl" 2^>nul') do set "own=%parts%\%%f"
if not defined own goto not_unpacked

set found=
for /f "skip=1 delims=" %%h in ('%system%\certutil.exe -hashfile "%parts%\%wheel%" SHA256') do if not defined found set "found=%%h"
if not defined found goto damaged
rem certutil of older Windows puts blanks between the digits
set "found=%found: =%"
if /i not "%found%"=="%sha256%" goto damaged

echo 1 of 4: unpacking the tools...
if exist "%program%\tools\uv.new" rmdir /s /q "%program%\tools\uv.new"
mkdir "%program%\tools\uv.new"
if not exist "%program%\tools\uv.new" goto no_folder
"%system%\tar.exe" -xf "%parts%\%wheel%" -C "%program%\tools\uv.new"
if errorlevel 1 goto no_folder
move /y "%program%\tools\uv.new\uv-%UV_VERSION%.data\scripts\uv.exe" "%program%\tools\uv.exe" >nul
if errorlevel 1 goto no_folder
rmdir /s /q "%program%\tools\uv.new"
set "uv=%program%\tools\uv.exe"

echo 2 of 4: Python...
"%uv%" python install --quiet --no-bin --no-registry %PYTHON_VERSION%
if errorlevel 1 goto no_internet
rem New and old packages are never mixed: the environment is made anew each time, beside the one in use, which stays
rem until the new one works. It is renamed then, so nothing in it may know where it lies: relocatable.
set "old=%program%\venv.old"
set "new=%program%\venv.new"
rem an exchange that was cut short
if not exist "%program%\venv" if exist "%old%" ren "%old%" venv
if exist "%program%\venv" set before=yes
if exist "%new%" rmdir /s /q "%new%"
"%uv%" venv --quiet --clear --relocatable --python %PYTHON_VERSION% "%new%"
if errorlevel 1 goto in_use

echo 3 of 4: the packages...
set "python=%new%\Scripts\python.exe"
rem a package that had to be built would fetch what builds it, without checksums
"%uv%" pip install --quiet --python "%python%" --only-binary :all: --require-hashes --requirement "%parts%\requirements.txt"
if errorlevel 1 goto no_internet
"%uv%" pip install --quiet --python "%python%" --no-deps "%own%"
if errorlevel 1 goto in_use
if exist "%program%\cache" rmdir /s /q "%program%\cache"
"%python%" -m xlkijiji version >nul
if errorlevel 1 goto in_use
rem it says itself why
"%python%" -m xlkijiji busy
if errorlevel 1 goto failed
if exist "%old%" rmdir /s /q "%old%"
if exist "%old%" goto in_use
if exist "%program%\venv" ren "%program%\venv" venv.old
if exist "%program%\venv" goto in_use
ren "%new%" venv
if not exist "%program%\venv" goto not_exchanged
set "python=%program%\venv\Scripts\python.exe"
if exist "%parts%\uninstall.cmd" copy /y "%parts%\uninstall.cmd" "%program%\..\Uninstall xlkijiji.cmd" >nul

echo 4 of 4: your workbook and the Start menu...
"%python%" -m xlkijiji install
if errorlevel 1 goto not_set_up
if exist "%old%" rmdir /s /q "%old%"

echo.
echo Done.
goto end

:not_unpacked
echo.
echo The folder 'parts' beside this installer is missing or not complete.
echo Right-click the download, choose 'Extract All', and start the installer in the folder that this makes.
goto failed

:damaged
echo.
echo The file %wheel% is damaged, or isn't the one that belongs here. Download xlkijiji again.
goto failed

:no_folder
echo.
echo The tools could not be unpacked into "%program%". Is the disk full? Is this Windows 10 or newer?
goto failed

:no_internet
echo.
echo Python or its packages could not be fetched. Is this computer connected to the internet?
echo A company's network may forbid it; then ask whoever looks after this computer.
goto failed

:in_use
echo.
echo The folder "%program%" could not be renewed. Close Excel and the pages of xlkijiji, then start this again.
goto failed

:not_exchanged
if exist "%old%" ren "%old%" venv
goto in_use

:not_set_up
echo.
echo xlkijiji could not be set up; the reason is above.
if not exist "%old%" goto failed
rmdir /s /q "%program%\venv"
ren "%old%" venv

:failed
echo xlkijiji was not installed. You can start this again at any time.
if defined new if exist "%new%" rmdir /s /q "%new%"
if defined before echo What was installed before is as it was.
if not defined XLKIJIJI_NO_WAIT pause
exit /b 1

:end
if not defined XLKIJIJI_NO_WAIT pause
exit /b 0
