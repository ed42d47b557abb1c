fn main() {
    dp_build::Model::new("fit.mlir").grad("loss:wrt=0,1").compile();
}
