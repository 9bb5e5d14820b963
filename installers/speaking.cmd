rem ---- How the script above speaks: make_release.py puts this below each .cmd, with the sentences of the catalogues.

:choose_language
rem The language of Windows' menus: the person's choice, else the computer's, as GetUserPreferredUILanguages has it
rem (learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getuserpreferreduilanguages). Where the registry has neither,
rem or may not be read, it is that of dates and numbers, and English at last.
set language=en
set page=
set menus=
for /f "tokens=1,3" %%a in ('%system%\reg.exe query "HKCU\Control Panel\Desktop" /v PreferredUILanguages 2^>nul') do if "%%a"=="PreferredUILanguages" set "menus=%%b"
if not defined menus for /f "tokens=1,3" %%a in ('%system%\reg.exe query "HKCU\Control Panel\Desktop\MuiCached" /v MachinePreferredUILanguages 2^>nul') do if "%%a"=="MachinePreferredUILanguages" set "menus=%%b"
if not defined menus for /f "tokens=1,3" %%a in ('%system%\reg.exe query "HKCU\Control Panel\International" /v LocaleName 2^>nul') do if "%%a"=="LocaleName" set "menus=%%b"
if /i not "%menus:~0,2%"=="fr" exit /b 0
rem cmd reads a script in the code page of its window, and takes a new one at once
rem (learn.microsoft.com/windows-server/administration/windows-commands/chcp). 1252 has all letters and signs of French,
rem which the usual ones of such a window, 437 and 850, have not. UTF-8 (65001) has them too, but in several bytes, and
rem cmd finds its place in this file by counting. Where 1252 can't be had, it stays English, which is in ASCII here.
for /f "tokens=2 delims=:." %%a in ('%system%\chcp.com') do set "page=%%a"
"%system%\chcp.com" 1252 >nul 2>nul
if errorlevel 1 exit /b 0
set language=fr
exit /b 0

:leave
rem the window may have been there before, and goes on in its own code page
if not defined XLKIJIJI_NO_WAIT pause
if defined page "%system%\chcp.com" %page% >nul 2>nul
exit /b 0

:tell
goto %language%-%1

rem @sentences@
