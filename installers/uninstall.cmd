@echo off
rem Removes xlkijiji from this person's folders; workbooks and pictures stay. What it says stands at its end.
setlocal EnableExtensions DisableDelayedExpansion
title xlkijiji
set "program=%~dp0program"
set "system=%SystemRoot%\System32"
call :choose_language
cd /d "%SystemRoot%"
rem only a folder that our installer made
if not exist "%program%\tools\uv.exe" goto not_there
if not exist "%program%\venv\Scripts\python.exe" goto no_python
"%program%\venv\Scripts\python.exe" -m xlkijiji uninstall
if errorlevel 1 goto failed
:no_python
rem the tool goes last: by it a second start knows the folder
for %%d in (cache python venv venv.new venv.old) do if exist "%program%\%%d" rmdir /s /q "%program%\%%d"
for %%d in (cache python venv venv.new venv.old) do if exist "%program%\%%d" goto failed
rmdir /s /q "%program%"
if exist "%program%" goto failed
call :tell installer-done
call :leave
rem one line, as there is no more to read after it
del "%~f0" & exit /b 0

:not_there
call :tell installer-not-there
call :leave
exit /b 1

:failed
call :tell installer-not-removed
call :leave
exit /b 1
