"""Tables as they are downloaded: any kind of file, encoding and sheet, read as texts below a header."""
