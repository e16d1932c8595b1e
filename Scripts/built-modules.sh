# Sourced: sets `modules` to what a compiler needs to import the modules of the build in $build; read from the root.
modules=(-I "$build/Modules")
for folder in Sources/C*/; do
    name=$(basename "$folder")
    map=$folder/module.modulemap
    [ -e "$map" ] || map=$build/$name.build/module.modulemap
    [ -e "$map" ] && modules+=(-Xcc "-fmodule-map-file=$map")
done
